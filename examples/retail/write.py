"""Write rows as the files a source would deliver."""

import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baton.errors import UsageError
from examples.retail.tables import TABLES, Row, Table, Value
from examples.retail.timeline import Timeline

_ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def write_rows(rows: Iterable[Row], out: Path, timeline: Timeline) -> list[Row]:
    """Write `history/` and `live/<NN>/`; return the rows written, by arrival.

    Rows that would arrive after the last slice are left out. Times are written without a zone
    and mean UTC.
    """
    files: dict[tuple[int, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.arrives_at):
        number = timeline.slice_of(row.arrives_at)
        if number <= timeline.slice_count:
            files.setdefault((number, row.table), []).append(row)
    for (number, name), content in files.items():
        _write_file(_path(out, TABLES[name], number), TABLES[name], content)
    return [row for content in files.values() for row in content]


def clear(out: Path) -> None:
    """Remove `history/` and `live/` of an earlier run.

    Raises UsageError when `out` holds such folders that no earlier run left there.
    """
    found = [out / name for name in ("history", "live") if (out / name).exists()]
    if found and not (out / "slices.json").exists():
        raise UsageError(
            f"{found[0].name}/ is there already, and not from this generator",
            where=str(out),
            mend="choose an empty folder",
        )
    for folder in found:
        shutil.rmtree(folder)


def write_slices(out: Path, timeline: Timeline) -> None:
    """Write `slices.json`: for each slice its folder under `live/` and its closing batch time."""
    slices = [
        {
            "name": piece.label,
            "starts_at": piece.starts_at.isoformat(),
            "closes_at": piece.closes_at.isoformat(),
        }
        for piece in timeline.slices
    ]
    write_json(out / "slices.json", slices)


def write_json(path: Path, content: object) -> None:
    """Write an indented JSON document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _path(out: Path, table: Table, number: int) -> Path:
    if number == 0:
        return out / "history" / table.source / f"{table.name}.{table.extension}"
    label = f"{number:02d}"
    return out / "live" / label / table.source / f"{table.name}-{label}.{table.extension}"


def _write_file(path: Path, table: Table, rows: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match table.extension:
        case "parquet":
            _write_parquet(path, table, rows)
        case "jsonl":
            path.write_text("".join(f"{_line(row)}\n" for row in rows), encoding="utf-8")
        case "csv":
            _write_csv(path, table, rows)


def _write_parquet(path: Path, table: Table, rows: Sequence[Row]) -> None:
    types = {**table.columns, "_provenance": "varchar"}
    schema = pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in types.items()])
    records = [{**row.values, "_provenance": row.provenance} for row in rows]
    pq.write_table(pa.Table.from_pylist(records, schema=schema), path)


def _write_csv(path: Path, table: Table, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*table.columns, "_provenance"])
        for row in rows:
            writer.writerow([*(_text(row.values[name]) for name in table.columns), row.provenance])


def _line(row: Row) -> str:
    if row.raw is not None:
        return row.raw
    return json.dumps({**row.values, "_provenance": row.provenance}, default=_plain)


def _text(value: Value) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else value


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a record")
