"""Rows of ledgers as they are now, shared out to the links that have sealed them."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import duckdb

from baton.audit.chain import Link
from baton.audit.erased import shapes_of
from baton.audit.ledgers import JOURNAL, Ledger, Shape, warehouse_ledgers
from baton.dbt_runner import DbtProject
from baton.intake.sql import ident
from baton.journal import Journal
from baton.journal.ledger_reader import LedgerReader
from baton.journal.ledgers import JOURNAL_LEDGERS, erased_hash

_ROWS_AT_ONCE = 50_000
_LINKS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Row:
    """A row by its position, its id, and the hashes of what it keeps and of what can be erased."""

    position: int
    name: str
    kept: bytes
    erasable: bytes | None


@dataclass(frozen=True)
class Readable:
    """A ledger wherever it lies: its rows between two positions, and what an erasure leaves."""

    name: str
    rows: Callable[[int, int, Shape], list[Row]]
    erased_hash: Callable[[Shape, str], bytes]
    columns: AbstractSet[str]


@dataclass(frozen=True)
class Sealed:
    """A link, the rows that lie in its bounds now, and the columns that it is over.

    `shape` is null where the ledger no longer has some of them; then no rows were read.
    """

    link: Link
    rows: Sequence[Row]
    shape: Shape | None


def readable(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject
) -> Iterator[Readable]:
    """Yield all ledgers: those of the warehouse, then those of the journal."""
    for one in warehouse_ledgers(con, dbt):
        yield _of_warehouse(con, one)
    for name in JOURNAL_LEDGERS:
        yield _of_journal(journal.ledgers, name)


def sealed(con: duckdb.DuckDBPyConnection, one: Readable) -> Iterator[Sealed]:
    """Yield each link of a ledger with its rows, in the order of the chain."""
    shapes, after = shapes_of(con, one.name), 0
    while part := links(con, "l.link > ? and l.ledger = ?", [after, one.name]):
        after = part[-1].link
        for slice_ in _slices(part):
            shape = shapes.get(slice_[0].shape)
            if shape is None or not {*shape.kept, *shape.erasable} <= one.columns:
                yield from (Sealed(link, (), None) for link in slice_)
                continue
            rows = one.rows(slice_[0].from_position, slice_[-1].to_position, shape)
            yield from _shared_out(slice_, rows, shape)


def links(
    con: duckdb.DuckDBPyConnection, condition: str, parameters: Sequence[object]
) -> list[Link]:
    """Return the first links for which a condition holds, in the order of the chain."""
    rows = con.execute(
        f"select l.* from raw.ledger_digests as l where {condition} "
        f"order by l.link limit {_LINKS_AT_ONCE}",
        list(parameters),
    ).fetchall()
    return [Link(*row) for row in rows]


def _of_warehouse(con: duckdb.DuckDBPyConnection, one: Ledger) -> Readable:
    name = f"cast(t.{ident(one.columns[0])} as varchar)"

    def rows(after: int, upto: int, shape: Shape) -> list[Row]:
        found = con.execute(
            f"select t.{one.position}, {name}, {shape.hashes('t')} from {one.relation} as t "
            f"where t.{one.position} > ? and t.{one.position} <= ? order by 1",
            [after, upto],
        ).fetchall()
        return [Row(*row) for row in found]

    return Readable(one.name, rows, one.erased_hash, frozenset(one.columns))


def _of_journal(reader: LedgerReader, name: str) -> Readable:
    one = JOURNAL_LEDGERS[name]

    def rows(after: int, upto: int, shape: Shape) -> list[Row]:
        found = reader.rows_between(name, after, upto, shape.kept)
        return [Row(row.seq, str(row.seq), *row.hashes) for row in found]

    def erased(_shape: Shape, _erasure_id: str) -> bytes:
        return erased_hash(one)

    columns = frozenset(column.name for column in one.table.c)
    return Readable(f"{JOURNAL}{name}", rows, erased, columns)


def _slices(part: Sequence[Link]) -> Iterator[list[Link]]:
    """Neighbours of one shape, with not too many rows together."""
    slice_: list[Link] = []
    rows = 0
    for link in part:
        if slice_ and (rows >= _ROWS_AT_ONCE or slice_[-1].shape != link.shape):
            yield slice_
            slice_, rows = [], 0
        slice_.append(link)
        rows += link.row_count
    if slice_:
        yield slice_


def _shared_out(slice_: Sequence[Link], rows: Sequence[Row], shape: Shape) -> Iterator[Sealed]:
    """Each link with its rows; what lies between links is found elsewhere."""
    at = 0
    for link in slice_:
        while at < len(rows) and rows[at].position <= link.from_position:
            at += 1
        start = at
        while at < len(rows) and rows[at].position <= link.to_position:
            at += 1
        yield Sealed(link, rows[start:at], shape)
