"""Indexes of long tables, as the config of their models names them (`indexes`).

dbt makes them with a table. Here they are made for tables that are there without: of an earlier
version, or written anew in another order. The engine uses one where a look-up asks for few values
of that column alone, see docs/decisions/0042.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from baton.ids import make_id
from baton.intake.sql import ident

_TABLES = """
    select t.schema_name, t.table_name, coalesce(list(i.expressions), [])
    from duckdb_tables() as t
    left join duckdb_indexes() as i on t.table_oid = i.table_oid and t.database_oid = i.database_oid
    where t.database_name = current_database() and not t.temporary
    group by all
"""


def ensure(con: duckdb.DuckDBPyConnection, models: Iterable[Any]) -> list[str]:
    """Make the indexes that these models name and their tables lack, in the caller's transaction.

    Return `schema.table(columns)` of each that was made. Models without a table have none to make.
    """
    wanted = [(one, columns) for one in models for columns in _columns(one)]
    if not wanted:
        return []
    tables = con.execute(_TABLES).fetchall()
    there = {(of, name): {_plain(one) for one in has if one} for of, name, has in tables}
    made: list[str] = []
    for model, columns in wanted:
        listed = ", ".join(ident(one) for one in columns)
        has = there.get((model.schema, model.alias))
        if has is None or f"[{', '.join(columns)}]" in has:
            continue
        place = f"{ident(model.schema)}.{ident(model.alias)}"
        name = make_id("index", model.schema, model.alias, *columns)
        con.execute(f'create index "{name}" on {place} ({listed})')
        made.append(f"{model.schema}.{model.alias}({', '.join(columns)})")
    return made


def _plain(expressions: str) -> str:
    """The engine's list of an index's columns, without the quotes that it sets around some."""
    return expressions.replace('"', "").replace("'", "")


def _columns(model: Any) -> Iterator[list[str]]:
    if model.resource_type == "model":
        yield from (one["columns"] for one in model.config.get("indexes") or ())
