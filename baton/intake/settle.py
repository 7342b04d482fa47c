"""Which arriving rows are news: each compared with what its key had before.

`append` compares with the first record of a key, `upsert` with its last version, `snapshot` with
both: the first of the key in the export, then the last version in the warehouse.
"""

import json
from collections.abc import Sequence
from typing import Literal

import duckdb

from baton.intake import faults
from baton.intake.history import GONE, HISTORY, find_current, find_history
from baton.intake.source import Source
from baton.intake.sql import ident, idents, scalar
from baton.intake.stage import STAGE

COMPARED = "baton_compared"
Reference = Literal["first_value", "lag"]


def settle(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Mark the staged rows that repeat or contradict what their key had before."""
    if source.mode == "snapshot":
        find_current(con, source)
        _drop_repeated(con, source, with_history=False)
        _drop_unchanged(con, source)
        return
    if source.mode == "upsert":
        find_history(con, source)
        _drop_unchanged(con, source)
    elif _has_known_keys(con, source):
        find_history(con, source)
        _drop_repeated(con, source, with_history=True)


def _has_known_keys(con: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether a staged row has the key of another or of a row that is there already.

    Hardly ever, and seen at a tenth of what it costs to compare.
    """
    keys, sound = idents(source.key), f"from {STAGE} where _fault is null"
    known = f"""
        select 1 from (select {keys} {sound} group by all having count(*) > 1)
        union all
        select 1 from {source.relation} as h semi join (select {keys} {sound}) as s using ({keys})
        limit 1"""
    return con.execute(known).fetchone() is not None


def _drop_unchanged(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    if _compare(con, source, "lag", with_history=True):
        _mark_same(con, "unchanged")


def _drop_repeated(con: duckdb.DuckDBPyConnection, source: Source, *, with_history: bool) -> None:
    if _compare(con, source, "first_value", with_history=with_history):
        _mark_same(con, "duplicate")
        con.execute(
            f"update {STAGE} set _fault = '{faults.KEY_CONFLICT}' from {COMPARED} as c "
            f"where {STAGE}._ordinal = c._ordinal and not c.is_same"
        )


def _compare(
    con: duckdb.DuckDBPyConnection, source: Source, reference: Reference, *, with_history: bool
) -> int:
    """Put each staged row that follows another of its key into `baton_compared`, with `is_same`.

    Returns how many there are.
    """
    keys = idents(source.key)
    content = f"{keys}, {_plain(source)} as _plain, {_documents(source)} as _documents"
    sound = f"from {STAGE} where _fault is null and _verdict = 'loaded'"
    known, entries = "", ""
    if with_history:
        known = f"union select {keys} from {HISTORY}"
        entries = f"union all select -1, {content} from {HISTORY}"
    con.execute(
        f"""create or replace temp table {COMPARED} as
        with contested as (
            select {keys} {sound} group by all having count(*) > 1 {known}
        ),
        entries as (select _ordinal, {content} {sound} {entries}),
        placed as (
            select _ordinal, _plain, _documents, {reference}(_plain) over in_order as _other_plain,
                {reference}(_documents) over in_order as _other_documents,
                row_number() over in_order as _place
            from entries semi join contested using ({keys})
            window in_order as (partition by {keys} order by _ordinal)
        )
        select _ordinal, _documents as documents, _other_documents as other_documents,
            _plain is not distinct from _other_plain
                and _documents is not distinct from _other_documents as is_same,
            _plain is not distinct from _other_plain and not is_same as is_to_read
        from placed where _ordinal >= 0 and _place > 1"""
    )
    found = scalar(con, f"select count(*) from {COMPARED}")
    if found:
        _read_documents(con)
    return found


def _plain(source: Source) -> str:
    names = [
        one.name
        for one in source.columns
        if one.data_type != "json" and one.name not in source.restated
    ]
    return "struct_pack(" + ", ".join(f"{ident(name)} := {ident(name)}" for name in names) + ")"


def _documents(source: Source) -> str:
    names = [one.name for one in source.columns if one.data_type == "json"]
    return "[" + ", ".join(f"cast({ident(name)} as varchar)" for name in (*names, "_extra")) + "]"


def _read_documents(con: duckdb.DuckDBPyConnection) -> None:
    """Compare JSON that differs as text only by what it says: the order of fields is no content.

    An `_extra` that was removed contradicts nothing.
    """
    suspects = con.execute(
        f"select _ordinal, documents, other_documents from {COMPARED} where is_to_read"
    ).fetchall()
    same = [ordinal for ordinal, mine, other in suspects if _agree(mine, other)]
    if same:
        con.execute(
            f"update {COMPARED} set is_same = true where _ordinal in (select unnest(?))", [same]
        )


def _agree(mine: Sequence[str | None], other: Sequence[str | None]) -> bool:
    *documents, extra = _meaning(mine)
    *others, other_extra = _meaning(other)
    return documents == others and (other[-1] == GONE or extra == other_extra)


def _meaning(documents: Sequence[str | None]) -> list[object]:
    return [None if one is None else json.loads(one) for one in documents]


def _mark_same(con: duckdb.DuckDBPyConnection, verdict: str) -> None:
    con.execute(
        f"update {STAGE} set _verdict = ? from {COMPARED} as c "
        f"where {STAGE}._ordinal = c._ordinal and c.is_same",
        [verdict],
    )
