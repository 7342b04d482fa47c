"""How far the input is complete."""

from datetime import datetime

import duckdb
import pyarrow as pa

from baton.intake.extents import Extent
from baton.intake.landing import Landed
from baton.intake.readers import read
from baton.intake.shape import shape_of
from baton.intake.source import Source
from baton.intake.sql import on_rows


def earliest_unread(
    con: duckdb.DuckDBPyConnection, source: Source, landed: Landed, extent: Extent
) -> datetime | None:
    """Return the earliest `occurred_at` of the records not read yet.

    None when the source has no such column, when no record has a time, or when the file cannot be
    parsed: what cannot be known does not hold the watermark.
    """
    if source.occurred_at is None:
        return None
    column = source.column(source.occurred_at)
    found: list[datetime] = []
    try:
        for chunk in read(landed, extent):
            shape = shape_of(chunk, source)
            earliest = f"select cast(min({shape.value(column)}) as timestamp) from {shape.relation}"
            row = on_rows(con, chunk.rows, earliest).fetchone()
            found += [row[0]] if row and row[0] is not None else []
    except (pa.ArrowException, OSError):
        return None
    return min(found, default=None)


def watermark(batch_time: datetime, previous: datetime | None, unread: list[datetime]) -> datetime:
    """Return the least of batch time and what is unread, but never less than the previous one."""
    reached = min([batch_time, *unread])
    return reached if previous is None else max(previous, reached)
