"""Feeds: rows of another store, read by cursor."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from baton.intake.readers.chunk import Chunk


def read_feed(rows: Sequence[dict[str, object]], cursor: str) -> Chunk:
    """Return the rows as one chunk, `line` being the value of the column `cursor`."""
    fields = tuple(dict.fromkeys(name for row in rows for name in row))
    columns = {
        f"f{number}": pa.array([_as_text(row.get(name)) for row in rows], pa.string())
        for number, name in enumerate(fields)
    }
    nothing = pa.nulls(len(rows), pa.string())
    positions = [int(str(row[cursor])) for row in rows]
    table = pa.table(
        {"line": pa.array(positions, pa.int64()), "text": nothing, "fault": nothing, **columns}
    )
    return Chunk(table, fields, 0, max(positions, default=0))


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return json.dumps(value)
