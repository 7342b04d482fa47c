"""The arriving rows of one source, typed and judged one by one, in a temporary table.

Grain: one source record. `_fault` says what is wrong with it, or null; `_verdict` is `loaded`,
`unchanged` or `duplicate` for those without fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from baton.intake import faults
from baton.intake.readers import Chunk
from baton.intake.shape import CHUNK, PROVENANCE, RECEIVED_AT, Shape, defect, shape_of
from baton.intake.source import Source
from baton.intake.sql import ident, text

STAGE = "baton_stage"
_MAX_AHEAD = timedelta(hours=24)
_LINE_BITS = 40


@dataclass(frozen=True)
class Arrival:
    """Where and when a delivery came in; `number` orders the deliveries of a window."""

    delivery: str
    number: int
    received_at: datetime
    batch_time: datetime


def open_stage(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make the stage of `source`, empty."""
    columns = ", ".join(f"{ident(one.name)} {one.data_type}" for one in source.columns)
    con.execute(
        f"""create or replace temp table {STAGE} (
            _ordinal bigint, _delivery varchar, _line bigint, _fault varchar, _verdict varchar,
            _text varchar, _received_at timestamp, _provenance varchar, _extra json, {columns}
        )"""
    )


def put(con: duckdb.DuckDBPyConnection, source: Source, chunk: Chunk, arrival: Arrival) -> int:
    """Add the chunk's rows to the stage and return how many there are."""
    con.register(CHUNK, chunk.rows)
    try:
        row = con.execute(_insert(source, chunk, arrival)).fetchone()
    finally:
        con.unregister(CHUNK)
    return int(row[0]) if row else 0


def take_back(con: duckdb.DuckDBPyConnection, delivery: str) -> None:
    """Remove the rows of a delivery that turned out to be unreadable."""
    con.execute(f"delete from {STAGE} as s where s._delivery = ?", [delivery])


def _insert(source: Source, chunk: Chunk, arrival: Arrival) -> str:
    shape = shape_of(chunk, source)
    whole = defect(chunk.fields, source)
    values = {column.name: shape.value(column) for column in source.columns}
    fault = text(whole) if whole else _fault(source, shape, values, arrival.batch_time)
    given = f"coalesce({shape.value(RECEIVED_AT)}, {_at(arrival.received_at)})"
    return f"""
    insert into {STAGE}
    select {arrival.number << _LINE_BITS} | line, {text(arrival.delivery)}, line, {fault}, 'loaded',
        case when text is not null or {fault} is not null then {shape.record} end, least({given}, {_at(arrival.batch_time)}), {shape.value(PROVENANCE)}, {shape.extra},
        {", ".join(values[name] for name in source.names)}
    from {shape.relation}
    """


def _fault(source: Source, shape: Shape, values: Mapping[str, str], batch_time: datetime) -> str:
    """Return the SQL of the first fault of a row, null if it has none."""
    cases = ["when fault is not null then fault"]
    cases += [_missing(name, shape) for name in source.needed]
    cases += [
        f"when {shape.fields[one.name].sql} is not null and {values[one.name]} is null "
        f"then '{faults.of_type(one.data_type)}:{one.name}'"
        for one in source.columns
        if one.name in shape.fields
    ]
    if source.occurred_at is not None and source.mode != "feed":
        latest = _at(batch_time + _MAX_AHEAD)
        cases.append(
            f"when {values[source.occurred_at]} > {latest} "
            f"then '{faults.FUTURE}:{source.occurred_at}'"
        )
    return f"case {' '.join(cases)} end"


def _missing(name: str, shape: Shape) -> str:
    given = shape.fields.get(name)
    blank = f"coalesce(trim(cast({given.sql} as varchar)), '') = ''" if given else "true"
    return f"when {blank} then '{faults.MISSING_VALUE}:{name}'"


def _at(moment: datetime) -> str:
    return f"timestamp '{moment.isoformat(sep=' ')}'"
