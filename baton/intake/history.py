"""What the raw table already has of the keys that arrive."""

import duckdb

from baton.intake.casts import TEXT, cast
from baton.intake.shape import without
from baton.intake.source import Column, Source
from baton.intake.sql import ident, idents, text
from baton.intake.stage import STAGE

HISTORY = "baton_history"
CURRENT = "baton_current"
GONE = "null"
"""What `_extra` says, as JSON, once its content was removed because it was old."""
IS_GONE = f"coalesce(cast(h._extra as varchar) = '{GONE}', false)"


def find_history(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Put the last version of each arriving key into `baton_history`; one scan of the keys."""
    keys = idents(source.key)
    _keep_versions(
        con,
        source,
        f"""select max(h._loaded_seq) as _seq from {source.relation} as h
        semi join (select {keys} from {STAGE} where _fault is null) as s using ({keys})
        group by {idents(source.key, of="h")}""",
    )


def find_current(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Put every key's last version into `baton_history` unless it is a deletion.

    `baton_current` has their keys and `_seq`.
    """
    keys = idents(source.key)
    con.execute(
        f"""create or replace temp table {CURRENT} as
        select {keys}, max(h._loaded_seq) as _seq from {source.relation} as h
        group by {keys} having not arg_max(h._deleted, h._loaded_seq)"""
    )
    _keep_versions(con, source, f"select _seq from {CURRENT}")


def _keep_versions(con: duckdb.DuckDBPyConnection, source: Source, seqs: str) -> None:
    columns = ", ".join(f"{_lifted(one)} as {ident(one.name)}" for one in source.columns)
    extra = without("h._extra", source.names)
    con.execute(
        f"""create or replace temp table {HISTORY} as
        select {columns}, case when {IS_GONE} then h._extra else {extra} end as _extra
        from {source.relation} as h where h._loaded_seq in ({seqs})"""
    )


def _lifted(column: Column) -> str:
    """Return the SQL of a column, from `_extra` where it was declared after the row was loaded."""
    name = f"h.{ident(column.name)}"
    path = text(f'$."{column.name}"')
    given = (
        f"nullif(json_extract(h._extra, {path}), 'null')"
        if column.data_type == "json"
        else cast(column, f"json_extract_string(h._extra, {path})", TEXT)
    )
    return f"case when {name} is null and h._extra is not null then {given} else {name} end"
