"""Identifiers of the staged rows in the one spelling by which people are known.

E-mail addresses and phone numbers get a column of their own beside what was written
(`identifiers.spelt_column`). Most are spelt by SQL; the distinct rest by `addresses`.
"""

from collections.abc import Callable, Iterable

import duckdb
import pyarrow as pa

from baton import addresses
from baton.intake.identifiers import plain_email, spelt, spelt_column
from baton.intake.phone_plans import plain_phone
from baton.intake.source import Source
from baton.intake.sql import ident, scalar, text

_FOUND = "baton_spelt"
_MOST_PLANS = 12


def spell(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> None:
    """Fill the columns of spellings in `table`, which has the columns of the source."""
    for column, node_type in source.spelt:
        written, region = f"cast({ident(column)} as varchar)", "null"
        if node_type == "phone":
            region = _region(source)
            plain = plain_phone(written, region, _regions(con, source, region, table))
        else:
            plain = plain_email(written)
        name = ident(spelt_column(column, node_type))
        con.execute(f"update {table} set {name} = {plain} where {ident(column)} is not null")
        _spell_rest(con, table, (written, region, name), _SPELLERS[node_type])


def note_left_out(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> None:
    """Count, per column, the sound records with something written that nobody is known by."""
    for column, node_types in source.identifiers:
        known = " or ".join(f"{spelt(one, column)} is not null" for one in node_types)
        written = f"regexp_matches(cast({ident(column)} as varchar), '\\S')"
        count = scalar(
            con,
            f"select count(*) from {table} where _fault is null and _verdict = 'loaded' "
            f"and {written} and not ({known})",
        )
        if count:
            _add_left_out(con, source.label, column, count)


def _add_left_out(con: duckdb.DuckDBPyConnection, label: str, column: str, count: int) -> None:
    mine = "source = ? and column_name = ?"
    is_known = scalar(
        con, f"select count(*) from raw.identifiers_left_out where {mine}", [label, column]
    )
    if not is_known:
        con.execute("insert into raw.identifiers_left_out values (?, ?, 0)", [label, column])
    con.execute(
        f"update raw.identifiers_left_out set records = records + ? where {mine}",
        [count, label, column],
    )


def _spell_rest(
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


def _region(source: Source) -> str:
    given = source.phone_region
    if given is None:
        return "cast(null as varchar)"
    otherwise = text(given.otherwise) if given.otherwise else "cast(null as varchar)"
    if given.column is None:
        return otherwise
    named = f"upper(trim({ident(given.column)}))"
    return f"coalesce(case when {named} similar to '[A-Z][A-Z]' then {named} end, {otherwise})"


def _regions(
    con: duckdb.DuckDBPyConnection, source: Source, region: str, table: str
) -> Iterable[str]:
    """The regions worth the SQL of their plans: those of most rows."""
    given = source.phone_region
    if given is None or given.column is None:
        return [one for one in (given and given.otherwise,) if one]
    rows = con.execute(
        f"select {region} as r from {table} where r is not null "
        f"group by r order by count(*) desc, r limit {_MOST_PLANS}"
    ).fetchall()
    return [row[0] for row in rows if addresses.is_region(row[0])]


def _email(written: str, _: str | None) -> str | None:
    return addresses.email(written)


def _phone(written: str, region: str | None) -> str | None:
    return addresses.phone(written, region if region and addresses.is_region(region) else None)


_SPELLERS: dict[str, Callable[[str, str | None], str | None]] = {"email": _email, "phone": _phone}
