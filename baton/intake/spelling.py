"""Identifiers of the staged rows in the one spelling by which people are known.

E-mail addresses and phone numbers get a column of their own beside what was written
(`identifiers.spelt_column`). Most are spelt by SQL, while rows are staged; the distinct rest by
`addresses`.
"""

from collections.abc import Callable, Iterable, Sequence

import duckdb
import pyarrow as pa

from baton import addresses
from baton.intake.identifiers import SPELT, is_known, spelt_column, written
from baton.intake.plain_spelling import (
    names_regions,
    plain_spelling,
    region,
    sole_region,
)
from baton.intake.source import Source
from baton.intake.sql import ident
from baton.intake.stage import STAGE

_FOUND = "baton_spelt"
_MOST_PLANS = 12
_ADD_LEFT_OUT = """
insert into raw.identifiers_left_out values (?, ?, ?)
on conflict do update set records = identifiers_left_out.records + excluded.records
"""


def spell_staged(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Fill the columns of spellings of the stage where `stage.put` could not."""
    if names_regions(source):
        _spell_plain(con, source, STAGE, ("phone",))
    _spell_rest(con, source, STAGE)


def spell_loaded(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Fill them in the raw table, for rows that were loaded without."""
    _spell_plain(con, source, source.relation, SPELT)
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
    known = " or ".join(is_known(one, column) for one in node_types)
    return f"case when {known} then false else regexp_matches({written(column)}, '\\S') end"


def _spell_plain(
    con: duckdb.DuckDBPyConnection, source: Source, table: str, node_types: Sequence[str]
) -> None:
    place, regions = region(source), _regions(con, source, table)
    changes = [
        f"{ident(spelt_column(column, kind))} = "
        + plain_spelling(written(column), kind, place, regions)
        for column, kind in source.spelt
        if kind in node_types
    ]
    if changes:
        con.execute(f"update {table} set {', '.join(changes)}")


def _spell_rest(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> None:
    """Let Python spell the distinct texts that SQL could not."""
    for column, node_type in source.spelt:
        place = region(source) if node_type == "phone" else "cast(null as varchar)"
        columns = written(column), place, ident(spelt_column(column, node_type))
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


def _regions(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> list[str]:
    """The regions worth the SQL of their plans: those of most rows."""
    if not names_regions(source):
        return sole_region(source)
    rows = con.execute(
        f"select {region(source)} as r from {table} where r is not null "
        f"group by r order by count(*) desc, r limit {_MOST_PLANS}"
    ).fetchall()
    return [row[0] for row in rows if addresses.is_region(row[0])]


def _email(written: str, _: str | None) -> str | None:
    return addresses.email(written)


def _phone(written: str, region: str | None) -> str | None:
    return addresses.phone(written, region if region and addresses.is_region(region) else None)


_SPELLERS: dict[str, Callable[[str, str | None], str | None]] = {"email": _email, "phone": _phone}
