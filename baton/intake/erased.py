"""Records about people who were erased: counted, and nothing of them kept."""

import duckdb
import pyarrow as pa

from baton.identifiers import spelt
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
            _mark(con, source, spelt(node_type, ident(column)), node_type, tombstones)
    return scalar(con, f"select count(*) from {STAGE} where _verdict = 'erased'")


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
