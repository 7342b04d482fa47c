"""What raw rows hold beside the declared columns, removed once it is old.

Of a record with versions the last one keeps it: the next export is compared with it.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from baton.intake import Source
from baton.intake.history import GONE
from baton.intake.sql import ident, idents, scalar

_EXISTS = "select count(*) from duckdb_tables() as t where t.schema_name || '.' || t.table_name = ?"


def blank(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], before: datetime) -> int:
    """Remove the undeclared fields of rows loaded before a time; return of how many rows."""
    return sum(_blank(con, one, before) for one in sources if scalar(con, _EXISTS, [one.relation]))


def _blank(con: duckdb.DuckDBPyConnection, source: Source, before: datetime) -> int:
    return scalar(
        con,
        f"""update {source.relation} as h set _extra = '{GONE}'
        where h._loaded_at < ? and h._extra is not null and cast(h._extra as varchar) <> '{GONE}'
            {"" if source.mode in ("append", "feed") else _has_later_version(source)}""",
        [before],
    )


def _has_later_version(source: Source) -> str:
    same = " and ".join(f"n.{ident(name)} = h.{ident(name)}" for name in source.key)
    return f"""and exists (
        select {idents(source.key, of="n")} from {source.relation} as n
        where {same} and n._loaded_seq > h._loaded_seq
    )"""
