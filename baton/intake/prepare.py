"""Bring the schema raw to what the code and the declared sources need."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

import duckdb

from baton.errors import UsageError
from baton.intake.migrations import MIGRATIONS
from baton.intake.source import Column, Source
from baton.intake.spelling import spell_loaded
from baton.intake.sql import ident, scalar
from baton.warehouse import transaction

SYSTEM_COLUMNS = (
    Column("_extra", "json"),
    Column("_loaded_seq", "bigint"),
    Column("_loaded_at", "timestamp"),
    Column("_received_at", "timestamp"),
    Column("_delivery", "varchar"),
    Column("_line", "bigint"),
    Column("_deleted", "boolean"),
    Column("_provenance", "varchar"),
)


def prepare(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Create the control tables and one table per source, adding columns declared since.

    Runs again without effect. Raises `UsageError` when a column changed its declared type.
    """
    with transaction(con):
        con.execute("create schema if not exists raw")
        con.execute("create table if not exists raw.schema_versions (version int, name varchar)")
        _migrate(con)
        existing = stored_columns(con)
        for source in sources:
            _shape_table(con, source, existing.get(source.relation))


@contextmanager
def or_unprepared(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> Generator[None]:
    """Raise `UsageError` where a table is missing that `prepare` makes for `sources`.

    It is looked for only then: to ask the catalog costs more than to load a small file.
    """
    try:
        yield
    except duckdb.CatalogException:
        with con.cursor() as beside:
            _require_prepared(beside, sources)
        raise


def _require_prepared(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    rows = con.execute(
        "select 'raw.' || t.table_name from duckdb_tables() as t where t.schema_name = 'raw'"
    ).fetchall()
    existing = {name for (name,) in rows}
    for relation in ("raw.windows", *(source.relation for source in sources)):
        if relation not in existing:
            raise UsageError(
                f"{relation} does not exist",
                where="schema raw",
                mend="call prepare(con, sources) before take_in",
            )


def _migrate(con: duckdb.DuckDBPyConnection) -> None:
    version = scalar(con, "select max(v.version) from raw.schema_versions as v")
    for number, name, statements in MIGRATIONS:
        if number > version:
            con.execute(statements)
            con.execute("insert into raw.schema_versions values (?, ?)", [number, name])


def add_columns(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Add what is declared to the tables of `sources` that are there. The caller owns the
    transaction.

    Runs again without effect; a column that is stored in another type stays as it is.
    """
    existing = stored_columns(con)
    for source in sources:
        if (columns := existing.get(source.relation)) is not None:
            _add_columns(con, source, columns)


def stored_columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The tables of the schema raw, each with the types of its columns."""
    rows = con.execute(
        "select table_name, column_name, lower(data_type) from duckdb_columns() "
        "where schema_name = 'raw' and database_name = current_database()"
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        tables.setdefault(f"raw.{table}", {})[column] = data_type
    return tables


def _shape_table(
    con: duckdb.DuckDBPyConnection, source: Source, existing: dict[str, str] | None
) -> None:
    if existing is None:
        declared = (*source.columns, *SYSTEM_COLUMNS, *source.spellings)
        columns = ", ".join(_definition(one) for one in declared)
        con.execute(f"create table {source.relation} ({columns})")
        return
    for column in (*source.columns, *SYSTEM_COLUMNS):
        known = existing.get(column.name, column.data_type)
        if known != column.data_type:
            raise UsageError(
                f"the column {column.name} of {source.label} is declared {column.data_type} "
                f"and stored as {known}",
                where=f"dbt source {source.label}, columns.{column.name}.data_type",
                mend=f"declare {known} again, or declare the new type under a new column name",
            )
    _add_columns(con, source, existing)


def _add_columns(con: duckdb.DuckDBPyConnection, source: Source, existing: dict[str, str]) -> None:
    """Spell what was loaded before, too, when an identifier is declared anew."""
    declared = (*source.columns, *SYSTEM_COLUMNS, *source.spellings)
    for column in (one for one in declared if one.name not in existing):
        con.execute(f"alter table {source.relation} add column {_definition(column)}")
    if any(one.name not in existing for one in source.spellings):
        spell_loaded(con, source)


def _definition(column: Column) -> str:
    return f"{ident(column.name)} {column.data_type}"
