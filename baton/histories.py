"""Histories that lie by person: what batches append behind them is put in its place again."""

from collections.abc import Callable, Iterator
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.intake.sql import ident, scalar
from baton.warehouse import transaction

Progress = Callable[[str], None]
_EXISTS = """
select count(*) from duckdb_tables() as t
where t.schema_name = ? and t.table_name = ? and t.database_name = current_database()
"""


def tidy(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, progress: Progress = lambda _: None
) -> dict[str, int]:
    """Write every history in the order that its model names; return the number of rows by name.

    A model names the column in its config, `meta={'baton': {'lies_by': ...}}`. No row changes. Each
    table is a transaction of its own: an interruption leaves it in its old order or in its new one.
    Until then the file holds a second copy of the largest.
    """
    rows: dict[str, int] = {}
    for node in _histories(dbt):
        if not scalar(con, _EXISTS, [node.schema, node.alias]):
            continue
        progress(node.name)
        schema, key = ident(node.schema), ident(node.config.meta["baton"]["lies_by"])
        table, copy = ident(node.alias), ident(f"{node.alias}__tidy")
        with transaction(con):
            con.execute(
                f"create table {schema}.{copy} as "
                f"select t.* from {schema}.{table} as t order by t.{key}"
            )
            con.execute(f"drop table {schema}.{table}")
            con.execute(f"alter table {schema}.{copy} rename to {table}")
        con.execute("checkpoint")
        rows[node.name] = scalar(con, f"select count(*) from {schema}.{table}")
    return rows


def _histories(dbt: DbtProject) -> Iterator[Any]:
    for node in dbt.manifest.nodes.values():
        if node.resource_type == "model" and "lies_by" in node.config.meta.get("baton", {}):
            yield node
