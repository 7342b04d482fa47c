"""Identifiers of the staged rows in the one spelling by which people are known.

E-mail addresses and phone numbers get a column of their own beside what was written
(`identifiers.spelt_column`). Most are spelt by SQL; the distinct rest by `addresses`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import duckdb
import pyarrow as pa

from baton import addresses
from baton.intake.identifiers import plain_email, spelt, spelt_column
from baton.intake.phone_plans import bare_phone, plain_phone
from baton.intake.source import Source
from baton.intake.sql import ident, text
from baton.intake.stage import STAGE

_FOUND = "baton_spelt"
_MOST_PLANS = 12
_ADD_LEFT_OUT = """
insert into raw.identifiers_left_out values (?, ?, ?)
on conflict do update set records = identifiers_left_out.records + excluded.records
"""


def spell_staged(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Fill the columns of spellings of the stage."""
    if not source.spelt:
        return
    region = _region(source)
    bare = {f"_bare_{n}": bare_phone(_written(one)) for n, (one, _) in enumerate(source.spelt)}
    parts = {"_region": region, **bare}
    plain = _plain(source, bare, "_region", _regions(con, source, STAGE))
    con.execute(
        f"""create or replace temp table {STAGE} as
        select * exclude ({", ".join(parts)})
            replace ({", ".join(f"{sql} as {name}" for name, sql in plain)})
        from (
            select *, {", ".join(f"{sql} as {name}" for name, sql in parts.items())} from {STAGE}
        )"""
    )
    _spell_rest(con, source, STAGE)


def spell_loaded(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Fill them in the raw table, for rows that were loaded without."""
    bare = [bare_phone(_written(column)) for column, _ in source.spelt]
    plain = _plain(source, bare, _region(source), _regions(con, source, source.relation))
    changes = ", ".join(f"{name} = {sql}" for name, sql in plain)
    con.execute(f"update {source.relation} set {changes}")
    _spell_rest(con, source, source.relation)


def note_left_out(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Count, per column, the sound records with something written that nobody is known by."""
    if not source.identifiers:
        return
    counts = ", ".join(f"count(*) filter ({_is_left_out(*one)})" for one in source.identifiers)
    found = con.execute(
        f"select {counts} from {STAGE} where _fault is null and _verdict = 'loaded'"
    ).fetchall()[0]
    for (column, _), count in zip(source.identifiers, found, strict=True):
        if count:
            con.execute(_ADD_LEFT_OUT, [source.label, column, count])


def _is_left_out(column: str, node_types: Iterable[str]) -> str:
    known = " or ".join(f"{spelt(one, column)} is not null" for one in node_types)
    return f"regexp_matches({_written(column)}, '\\S') and not ({known})"


def _plain(
    source: Source, bare: Iterable[str], region: str, regions: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The columns of spellings, each with the SQL of those that SQL can spell."""
    for (column, node_type), number in zip(source.spelt, bare, strict=True):
        is_phone = node_type == "phone"
        sql = plain_phone(number, region, regions) if is_phone else plain_email(_written(column))
        yield ident(spelt_column(column, node_type)), sql


def _spell_rest(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> None:
    """Let Python spell the distinct texts that SQL could not."""
    for column, node_type in source.spelt:
        region = _region(source) if node_type == "phone" else "cast(null as varchar)"
        columns = _written(column), region, ident(spelt_column(column, node_type))
        _spell_column(con, table, columns, _SPELLERS[node_type])


def _spell_column(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: tuple[str, str, str],
    speller: Callable[[str, str | None], str | None],
) -> None:
    written, region, name = columns
    rows = con.execute(
        f"select distinct {written}, {region} from {table} where {name} is null "
        f"and regexp_matches({written}, '\\S') and length({written}) <= {addresses.LONGEST}"
    ).fetchall()
    found = [(*row, value) for row in rows if (value := speller(*row)) is not None]
    if not found:
        return
    arrays = [pa.array(list(one), pa.string()) for one in zip(*found, strict=True)]
    con.register(_FOUND, pa.table(arrays, ["written", "region", "value"]))
    try:
        con.execute(
            f"update {table} set {name} = f.value from {_FOUND} as f where {name} is null "
            f"and {written} = f.written and {region} is not distinct from f.region"
        )
    finally:
        con.unregister(_FOUND)


def _written(column: str) -> str:
    return f"cast({ident(column)} as varchar)"


def _region(source: Source) -> str:
    given = source.phone_region
    if given is None:
        return "cast(null as varchar)"
    otherwise = text(given.otherwise) if given.otherwise else "cast(null as varchar)"
    if given.column is None:
        return otherwise
    named = f"upper(trim({ident(given.column)}))"
    return f"coalesce(case when {named} similar to '[A-Z][A-Z]' then {named} end, {otherwise})"


def _regions(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> list[str]:
    """The regions worth the SQL of their plans: those of most rows."""
    given = source.phone_region
    if given is None or given.column is None:
        return [one for one in (given and given.otherwise,) if one]
    rows = con.execute(
        f"select {_region(source)} as r from {table} where r is not null "
        f"group by r order by count(*) desc, r limit {_MOST_PLANS}"
    ).fetchall()
    return [row[0] for row in rows if addresses.is_region(row[0])]


def _email(written: str, _: str | None) -> str | None:
    return addresses.email(written)


def _phone(written: str, region: str | None) -> str | None:
    return addresses.phone(written, region if region and addresses.is_region(region) else None)


_SPELLERS: dict[str, Callable[[str, str | None], str | None]] = {"email": _email, "phone": _phone}
