"""Small pieces of SQL text."""

from collections.abc import Iterable

import duckdb

from baton.intake.arrow import Table

ROWS = "baton_rows"
"""What statements that are run `on_rows` call them."""


def ident(name: str) -> str:
    """Return `name` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def idents(names: Iterable[str], *, of: str = "") -> str:
    """Return the quoted identifiers, comma separated, each prefixed by the alias `of`."""
    prefix = f"{of}." if of else ""
    return ", ".join(prefix + ident(name) for name in names)


def text(value: str) -> str:
    """Return `value` as a string literal."""
    return "'" + value.replace("'", "''") + "'"


def scalar(con: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> int:
    """Return the one integer that `sql` yields, 0 for null or no row."""
    row = con.execute(sql, parameters).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def on_rows(
    con: duckdb.DuckDBPyConnection,
    baton_rows: Table,  # noqa: ARG001  # the engine finds it by its name
    sql: str,
) -> duckdb.DuckDBPyConnection:
    """Run a statement that reads `baton_rows`.

    Registered rows would stay in memory until the transaction ends: all of a window, at last.
    """
    return con.execute(sql)
