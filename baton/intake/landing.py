"""What lies in the landing folder, and which declared source takes it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from baton.errors import UsageError
from baton.intake.source import Source

FORMATS = ("jsonl", "csv", "parquet")
_SEPARATORS = (".", "-", "_")
_HIDDEN = (".", "_")


@dataclass(frozen=True)
class Landed:
    """A file in the landing folder. `path` is relative to it; `source` is None if none takes it."""

    path: str
    file: Path
    source: Source | None
    format: str
    size: int
    modified_ns: int


def listed(landing: Path, sources: Sequence[Source]) -> list[Landed]:
    """Return the complete files of `<landing>/<source>/`, by path.

    Names that end in `.part` or begin with a dot or an underscore are passed over. Raises
    `UsageError` when the folder does not exist.
    """
    if not landing.is_dir():
        raise UsageError(
            "the landing folder does not exist",
            where=landing.name,
            mend="create it, or correct the path that the command was given",
        )
    tables = _tables(sources)
    found = [_landed(entry, folder, tables) for folder, entry in _files(landing)]
    return sorted(found, key=lambda one: one.path)


def _files(landing: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for folder in os.scandir(landing):
        if folder.is_dir() and not folder.name.startswith(_HIDDEN):
            for entry in os.scandir(folder.path):
                if _is_complete(entry):
                    yield folder.name, entry


def _is_complete(entry: os.DirEntry[str]) -> bool:
    return (
        entry.is_file()
        and not entry.name.startswith(_HIDDEN)
        and Path(entry.name).suffix.lower() != ".part"
    )


def _landed(
    entry: os.DirEntry[str], folder: str, tables: Mapping[str, Mapping[str, Source]]
) -> Landed:
    form = Path(entry.name).suffix.lower().lstrip(".")
    stat = entry.stat()
    return Landed(
        path=f"{folder}/{entry.name}",
        file=Path(entry.path),
        source=_source_of(entry.name, tables.get(folder, {})) if form in FORMATS else None,
        format=form,
        size=stat.st_size,
        modified_ns=stat.st_mtime_ns,
    )


def _tables(sources: Sequence[Source]) -> dict[str, dict[str, Source]]:
    tables: dict[str, dict[str, Source]] = {}
    for source in sources:
        if source.mode != "feed" and source.reading is None:
            tables.setdefault(source.name, {})[source.table] = source
    return tables


def _source_of(name: str, tables: Mapping[str, Source]) -> Source | None:
    """Return the source with the longest table name that `name` starts with."""
    fitting = [
        table
        for table in tables
        if name.startswith(tuple(table + separator for separator in _SEPARATORS))
    ]
    return tables[max(fitting, key=len)] if fitting else None
