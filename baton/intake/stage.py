"""The arriving rows of one source, typed and judged one by one, in a temporary table.

Grain: one source record. `_fault` says what is wrong with it, or null; `_verdict` is `loaded`,
`unchanged` or `duplicate` for those without fault.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from baton.intake import faults
from baton.intake.plain_spelling import (
    names_regions,
    plain_spelling,
    region,
    sole_region,
)
from baton.intake.readers import Chunk
from baton.intake.shape import PROVENANCE, RECEIVED_AT, Given, Shape, defect, shape_of
from baton.intake.source import Column, Source
from baton.intake.sql import ident, on_rows, text

STAGE = "baton_stage"
_MAX_AHEAD = timedelta(hours=24)
_LINE_BITS = 40
_ROWS_PER_THREAD = 16_384


@dataclass(frozen=True)
class Arrival:
    """Where and when a delivery came in; `number` orders the deliveries of a window."""

    delivery: str
    number: int
    received_at: datetime
    batch_time: datetime


def open_stage(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make the stage of `source`, empty."""
    declared = (*source.columns, *source.spellings)
    columns = ", ".join(f"{ident(one.name)} {one.data_type}" for one in declared)
    con.execute(
        f"""create or replace temp table {STAGE} (
            _ordinal bigint, _delivery varchar, _line bigint, _fault varchar, _verdict varchar,
            _text varchar, _received_at timestamp, _provenance varchar, _extra json, {columns}
        )"""
    )


def put(con: duckdb.DuckDBPyConnection, source: Source, chunk: Chunk, arrival: Arrival) -> int:
    """Add the chunk's rows to the stage and return how many there are."""
    batches = chunk.rows.to_batches(_ROWS_PER_THREAD)
    rows = pa.Table.from_batches(batches, chunk.rows.schema)
    row = on_rows(con, rows, _insert(source, chunk, arrival)).fetchone()
    return int(row[0]) if row else 0


def take_back(con: duckdb.DuckDBPyConnection, delivery: str) -> None:
    """Remove the rows of a delivery that turned out to be unreadable."""
    con.execute(f"delete from {STAGE} as s where s._delivery = ?", [delivery])


def _insert(source: Source, chunk: Chunk, arrival: Arrival) -> str:
    """Return the statement in three steps: as given, as declared (`t0`, `t1`, ...), judged."""
    shape = shape_of(chunk, source)
    whole = defect(chunk.fields, source)
    typed = {one.name: f"t{number}" for number, one in enumerate(source.columns)}
    values = ", ".join(f"{shape.value(one)} as {typed[one.name]}" for one in source.columns)
    fault = text(whole) if whole else _fault(source, shape, typed, arrival.batch_time)
    received = f"coalesce({shape.value(RECEIVED_AT)}, {_at(arrival.received_at)})"
    return f"""
    insert into {STAGE}
    with given as (select * from {shape.relation}),
    typed as (select *, {values} from given),
    judged as (select *, {fault} as found from typed)
    select {arrival.number << _LINE_BITS} | line, {text(arrival.delivery)}, line, found, 'loaded',
        case when text is not null or found is not null then {shape.record} end,
        least({received}, {_at(arrival.batch_time)}), {shape.value(PROVENANCE)}, {shape.extra},
        {", ".join((*typed.values(), *_spellings(source, typed)))}
    from judged
    """


def _spellings(source: Source, typed: Mapping[str, str]) -> Iterator[str]:
    """Yield the SQL of the spellings, null of those that need to know which regions there are."""
    is_late, regions = names_regions(source), sole_region(source)
    for column, node_type in source.spelt:
        value = f"cast({typed[column]} as varchar)"
        if is_late and node_type == "phone":
            yield "null"
        else:
            yield plain_spelling(value, node_type, region(source), regions)


def _fault(source: Source, shape: Shape, typed: Mapping[str, str], batch_time: datetime) -> str:
    """Return the SQL of the first fault of a row, null if it has none."""
    cases = ["when fault is not null then fault"]
    cases += [_missing(name, shape) for name in source.needed]
    cases += [
        f"when {typed[one.name]} is null and {shape.fields[one.name].sql} is not null "
        f"then '{faults.of_type(one.data_type)}:{one.name}'"
        for one in source.columns
        if one.name in shape.fields and not _is_sure(one, shape.fields[one.name])
    ]
    if source.occurred_at is not None and source.mode != "feed":
        latest = _at(batch_time + _MAX_AHEAD)
        cases.append(
            f"when {typed[source.occurred_at]} > {latest} "
            f"then '{faults.FUTURE}:{source.occurred_at}'"
        )
    return f"case {' '.join(cases)} end"


def _is_sure(column: Column, given: Given) -> bool:
    return column.data_type == given.data_type != "double"


def _missing(name: str, shape: Shape) -> str:
    given = shape.fields.get(name)
    says = rf"regexp_matches(cast({given.sql} as varchar), '\S')" if given else "false"
    return f"when not coalesce({says}, false) then '{faults.MISSING_VALUE}:{name}'"


def _at(moment: datetime) -> str:
    return f"timestamp '{moment.isoformat(sep=' ')}'"
