"""File drop: a table as CSV and Parquet, whole or not at all, the same bytes for the same rows."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from activation.destinations.kind import Kind, fixed
from activation.destinations.settings import Settings
from activation.exchange import Facts, Limit
from baton.errors import UsageError
from baton.journal import Journal

FACTS = Facts(
    auth="none",
    batch=1_000_000,
    limit=Limit(rate=1, per_seconds=1, concurrency=1),
    retry_class="U",
    source="a directory: the same content under the same name",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class FileSettings(Settings):
    """The directory that a tool reads."""

    type: Literal["file"]
    directory: Path


def drop(
    rows: pa.Table,
    directory: Path,
    name: str,
    key: str | Sequence[str],
    *,
    journal: Journal | None = None,
) -> list[Path]:
    """Write `<name>.csv` and `<name>.parquet`, sorted by `key`; returns the files that changed.

    Each file appears by rename, so a reader sees the old one or the new one. With a journal the
    drop is recorded. Raises UsageError for a name with a path in it, or a key that is not unique.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("not a file name", where=repr(name), mend="letters, digits, _ . - only")
    table = _sorted(rows, [key] if isinstance(key, str) else list(key), name)
    contents = {".csv": _as_csv(table), ".parquet": _as_parquet(table)}
    directory.mkdir(parents=True, exist_ok=True)
    files = {directory / f"{name}{suffix}": content for suffix, content in contents.items()}
    changed = [file for file, content in files.items() if _write(file, content)]
    if journal is not None:
        content_hash = journal.keyed_hash(contents[".csv"])
        journal.record_drop(name, content_hash, row_count=table.num_rows)
    return changed


def _sorted(rows: pa.Table, key: list[str], name: str) -> pa.Table:
    if missing := set(key) - set(rows.column_names):
        raise UsageError(f"no column {sorted(missing)}", where=name, mend="name a column as key")
    if rows.select(key).group_by(key).aggregate([]).num_rows != rows.num_rows:
        raise UsageError("the key is not unique", where=name, mend="name all columns of the key")
    ordered = rows.sort_by([(column, "ascending") for column in key])
    return ordered.replace_schema_metadata(None).combine_chunks()


def _as_csv(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pa_csv.write_csv(table, buffer)
    return buffer.getvalue()


def _as_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _write(file: Path, content: bytes) -> bool:
    if file.exists() and file.read_bytes() == content:
        return False
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
    _sync_directory(file.parent)
    return True


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


KIND = Kind(FileSettings, fixed({}))
