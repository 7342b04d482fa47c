"""Records about people who were erased: counted, and nothing of them kept."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from baton.intake.identifiers import spelt
from baton.intake.source import Source
from baton.intake.sql import ident, scalar
from baton.intake.stage import STAGE
from baton.tombstones import Tombstones

_MET = "baton_met"


def mark_erased(con: duckdb.DuckDBPyConnection, source: Source, tombstones: Tombstones) -> int:
    """Give the verdict `erased` to staged records that a tombstone bars; return how many.

    One value of any of the source's identifiers is enough, whatever else is wrong with the record.
    """
    for column, node_types in source.identifiers:
        for node_type in node_types:
            _mark(con, source, spelt(node_type, column), node_type, tombstones)
    return scalar(con, f"select count(*) from {STAGE} where _verdict = 'erased'")


def returns(
    con: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    tombstones: Tombstones,
    *,
    after_seq: int,
    to_seq: int,
) -> dict[str, datetime]:
    """When erased persons, by their erasures, first did something anew, by rows that are loaded.

    Those of whom that is known already are left out. Times are UTC.
    """
    returned: dict[str, datetime] = {}
    for source in (one for one in sources if one.brings_back):
        for column, node_types in source.identifiers:
            for node_type in node_types:
                seen = _seen(con, source, column, node_type, (after_seq, to_seq))
                for value, stone in tombstones.met(node_type, seen).items():
                    if stone.returned_at is None and seen[value] > stone.erased_at:
                        first = returned.get(stone.erasure_id, seen[value])
                        returned[stone.erasure_id] = min(seen[value], first)
    return returned


def _seen(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    column: str,
    node_type: str,
    between: tuple[int, int],
) -> dict[str, datetime]:
    """The values in the rows between two numbers, with the time at which each was first used."""
    if source.occurred_at is None:
        return {}
    rows = con.execute(
        f"select {spelt(node_type, column)} as v, "
        f"min(least({ident(source.occurred_at)}, _loaded_at)) from {source.relation} "
        "where _loaded_seq > ? and _loaded_seq <= ? and v is not null group by v",
        between,
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def _mark(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    value: str,
    node_type: str,
    tombstones: Tombstones,
) -> None:
    rows = con.execute(f"select distinct {value} as v from {STAGE} where v is not null").fetchall()
    met = tombstones.met(node_type, (row[0] for row in rows))
    if not met:
        return
    bars = [stone.bars(brings_back=source.brings_back) for stone in met.values()]
    table = pa.table(
        {"value": pa.array(list(met), pa.string()), "bar": pa.array(bars, pa.timestamp("us"))}
    )
    at = "null::timestamp" if source.occurred_at is None else ident(source.occurred_at)
    con.register(_MET, table)
    try:
        con.execute(
            f"update {STAGE} set _verdict = 'erased', _fault = null from {_MET} as m "
            f"where {value} = m.value and coalesce({at} <= m.bar, true)"
        )
    finally:
        con.unregister(_MET)
