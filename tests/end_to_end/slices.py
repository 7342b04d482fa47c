"""Arrivals as the files that sources deliver, cut into slices, and their landing."""

import csv
import json
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from examples.retail.tables import TABLES

from .records import Arrival


def write_slices(folder: Path, arrivals: Iterable[Arrival], closes: Sequence[datetime]) -> None:
    """Write one folder per slice, `00` first, with what arrives until it closes."""
    rows = sorted(arrivals, key=lambda one: (one.arrives_at, one.table))
    for number in range(len(closes)):
        mine = [one for one in rows if bisect_left(closes, one.arrives_at) == number]
        _write(slice_folder(folder, number), number, mine)


def slice_folder(folder: Path, number: int) -> Path:
    """Where the files of a slice lie before they arrive."""
    return folder / f"{number:02d}"


def arrive(files: Path, landing: Path) -> None:
    """Land the files of a slice, each by rename; what has landed before stays as it is."""
    for path in sorted(files.rglob("*.*")):
        target = landing / path.relative_to(files)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            shutil.copyfile(path, part)
            part.rename(target)


def _write(folder: Path, number: int, arrivals: Sequence[Arrival]) -> None:
    folder.mkdir(parents=True)
    by_table: dict[str, list[Mapping[str, object]]] = {}
    for one in arrivals:
        by_table.setdefault(one.table, []).append(one.values)
    for name, rows in by_table.items():
        table = TABLES[name]
        file = folder / table.source / f"{table.name}-{number:02d}.{table.extension}"
        file.parent.mkdir(exist_ok=True)
        if table.extension == "csv":
            _write_csv(file, list(table.columns), rows)
        else:
            lines = (json.dumps(row, default=_text) + "\n" for row in rows)
            file.write_text("".join(lines), encoding="utf-8")


def _write_csv(file: Path, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else value
