"""What dbt has said, kept in the warehouse: the statements of a build, and what views select.

A process that ends takes its plan along; the next one finds here what was said, and goes by plan
from its first batch. It holds where everything is the same that decides what dbt says: `key`.
"""

from collections.abc import Mapping, Sequence

import duckdb

from baton.recorded import Statement

_TABLE = "raw.recorded_statements"
_VIEW = -1
"""The place of a view: it is no statement of a build."""


def ensure(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table where it is not there."""
    con.execute(
        f"create table if not exists {_TABLE} (key varchar, place integer, name varchar, "
        "sql varchar)"
    )


def kept(con: duckdb.DuckDBPyConnection, key: str) -> tuple[Statement, ...]:
    """Return what was said under this key, nothing where it was said under another."""
    rows = con.execute(
        f"select name, sql from {_TABLE} where key = ? and place > {_VIEW} order by place", [key]
    ).fetchall()
    return tuple(Statement(model, sql) for model, sql in rows)


def kept_views(con: duckdb.DuckDBPyConnection, key: str) -> dict[str, str]:
    """Return what views select, by full name, as far as it was asked under this key."""
    rows = con.execute(
        f"select name, sql from {_TABLE} where key = ? and place = {_VIEW}", [key]
    ).fetchall()
    return dict(rows)


def keep(con: duckdb.DuckDBPyConnection, key: str, said: Sequence[Statement]) -> None:
    """Put these statements in the place of all that is kept, in the caller's transaction."""
    forget(con)
    _insert(con, key, [(place, one.model, one.sql) for place, one in enumerate(said)])


def keep_views(con: duckdb.DuckDBPyConnection, key: str, texts: Mapping[str, str]) -> None:
    """Keep what these views select, beside the statements of the same key."""
    _insert(con, key, [(_VIEW, name, sql) for name, sql in texts.items()])


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Keep nothing: who comes next asks dbt. In the caller's transaction."""
    ensure(con)
    con.execute(f"delete from {_TABLE}")


def _insert(con: duckdb.DuckDBPyConnection, key: str, rows: Sequence[tuple[int, str, str]]) -> None:
    columns = [list(one) for one in zip(*rows, strict=True)] or [[], [], []]
    con.execute(
        f"insert into {_TABLE} select ?, unnest(?::integer[]), unnest(?::varchar[]), "
        "unnest(?::varchar[])",
        [key, *columns],
    )
