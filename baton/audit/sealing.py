"""The digests of a batch: one link per ledger that it has added rows to, in its transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from baton.audit.chain import START, Link, leaves_of, rows_digest
from baton.audit.erased import Burial
from baton.audit.ledgers import (
    JOURNAL,
    RELEASE_POSITION,
    SEQUENCES,
    Ledger,
    Shape,
    warehouse_ledgers,
)
from baton.dbt_runner import DbtProject
from baton.intake import Window
from baton.intake.sql import scalar
from baton.journal import Journal
from baton.journal.ledgers import JOURNAL_LEDGERS, LedgerRow

_BEFORE_ALL = -1
_PART = 50_000
_Bounds = tuple[int, int]


@dataclass(frozen=True)
class Head:
    """The last link of the chain, by number and digest."""

    link: int
    digest: str


@dataclass(frozen=True)
class Unsealed:
    """Rows of the journal that no link covers, how far links go, known shapes, the leaves' key."""

    key: bytes
    rows: Mapping[str, Sequence[LedgerRow]]
    positions: Mapping[str, int]
    shapes: Collection[tuple[str, str]]


class Sealer:
    """Writes links; knows the ledgers of one parsed project."""

    def __init__(self, dbt: DbtProject) -> None:
        self._dbt = dbt
        self._ledgers: tuple[Ledger, ...] = ()

    def look(self, con: duckdb.DuckDBPyConnection, journal: Journal) -> Unsealed:
        """Read what the journal has that no link covers; before the batch's transaction."""
        heads = con.execute("select ledger, to_position from raw.ledger_heads").fetchall()
        positions: dict[str, int] = dict(heads)
        known = {name: positions.get(f"{JOURNAL}{name}", 0) for name in JOURNAL_LEDGERS}
        rows = journal.ledgers.rows_after(known)
        shapes = con.execute("select s.ledger, s.shape from raw.ledger_shapes as s").fetchall()
        return Unsealed(journal.ledgers.key(), rows, positions, frozenset(shapes))

    def burial(self, con: duckdb.DuckDBPyConnection, journal: Journal) -> Burial:
        """What is to be told before an erasure changes rows of ledgers."""
        ledgers = self._ledgers or warehouse_ledgers(con, self._dbt)
        return Burial(ledgers, journal.ledgers)

    def seal(
        self, con: duckdb.DuckDBPyConnection, window: Window, unsealed: Unsealed
    ) -> Head | None:
        """Write the links of this window, in the transaction that writes its rows.

        Returns the last link of the chain, null while there is none.
        """
        self._ledgers = self._ledgers or warehouse_ledgers(con, self._dbt)
        head = last_link(con)
        new = [*_of_warehouse(con, self._ledgers, window, unsealed), *_of_journal(window, unsealed)]
        if not new:
            return head
        _write_shapes(con, [(link.ledger, shape) for link, shape in new], unsealed.shapes)
        return _write(con, head, [link for link, _ in new])


def last_link(con: duckdb.DuckDBPyConnection) -> Head | None:
    """Return the last link of the chain, null while there is none."""
    row = con.execute(
        "select h.link, h.digest from raw.ledger_heads as h order by h.link desc limit 1"
    ).fetchone()
    return Head(*row) if row else None


def _of_warehouse(
    con: duckdb.DuckDBPyConnection, ledgers: Sequence[Ledger], window: Window, unsealed: Unsealed
) -> Iterator[tuple[Link, Shape]]:
    compiled = scalar(con, "select max(r.release_no) from raw.releases as r")
    bounded = {
        one: bounds
        for one in ledgers
        if (bounds := _bounds(one, window, unsealed.positions.get(one.name), compiled))
    }
    for one in _with_rows(con, bounded):
        bounds = bounded[one]
        found = con.execute(
            f"select {one.shape.hashes('t')} from {one.relation} as t where {_between(one, bounds)}"
        )
        leaves: list[bytes] = []
        while part := found.fetchmany(_PART):
            leaves += leaves_of(unsealed.key, part)
        yield _link(one.name, window, bounds, leaves, one.shape), one.shape


def _of_journal(window: Window, unsealed: Unsealed) -> Iterator[tuple[Link, Shape]]:
    for name, rows in unsealed.rows.items():
        if rows:
            one = JOURNAL_LEDGERS[name]
            shape = Shape(one.kept, one.erasable)
            bounds = unsealed.positions.get(f"{JOURNAL}{name}", _BEFORE_ALL), rows[-1].seq
            leaves = leaves_of(unsealed.key, [row.hashes for row in rows])
            yield _link(f"{JOURNAL}{name}", window, bounds, leaves, shape), shape


def _bounds(one: Ledger, window: Window, before: int | None, compiled: int) -> _Bounds | None:
    """Which positions this batch has written; all up to now where there is no link yet."""
    if one.position == RELEASE_POSITION:
        start = _BEFORE_ALL if before is None else before
        return (start, compiled) if compiled > start else None
    if one.position in SEQUENCES:
        start, end = window.from_seq, window.to_seq
    else:
        start, end = window.window_id - 1, window.window_id
    return _BEFORE_ALL if before is None else start, end


def _with_rows(con: duckdb.DuckDBPyConnection, bounded: Mapping[Ledger, _Bounds]) -> list[Ledger]:
    """The ledgers that have rows in these bounds; one statement asks all of them."""
    ledgers = list(bounded)
    parts = [
        f"(select {number} as number from {one.relation} as t "
        f"where {_between(one, bounded[one])} limit 1)"
        for number, one in enumerate(ledgers)
    ]
    rows = con.execute(f"{' union all '.join(parts)} order by number").fetchall() if parts else []
    return [ledgers[number] for (number,) in rows]


def _between(one: Ledger, bounds: _Bounds) -> str:
    return f"t.{one.position} > {bounds[0]} and t.{one.position} <= {bounds[1]}"


def _link(
    name: str, window: Window, bounds: _Bounds, leaves: Sequence[bytes], shape: Shape
) -> Link:
    digest, marks, count = rows_digest(leaves)
    return Link(0, name, window.window_id, *bounds, count, shape.name, digest, marks)


def _write(con: duckdb.DuckDBPyConnection, head: Head | None, new: Sequence[Link]) -> Head:
    last, placed = head or Head(0, START), list[Link]()
    for link in new:
        numbered = replace(link, link=last.link + 1)
        last = Head(numbered.link, numbered.follow(last.digest))
        placed.append(replace(numbered, digest=last.digest))
    _insert(con, "raw.ledger_digests", [[*vars(one).values()] for one in placed])
    con.execute(
        "delete from raw.ledger_heads as h where h.ledger in (select unnest(?::varchar[]))",
        [[one.ledger for one in placed]],
    )
    heads = [[one.ledger, one.link, one.to_position, one.digest] for one in placed]
    _insert(con, "raw.ledger_heads", heads)
    return last


def _write_shapes(
    con: duckdb.DuckDBPyConnection,
    used: Sequence[tuple[str, Shape]],
    known: Collection[tuple[str, str]],
) -> None:
    rows = [
        [shape.name, ledger, list(shape.kept), list(shape.erasable)]
        for ledger, shape in used
        if (ledger, shape.name) not in known
    ]
    if rows:
        _insert(con, "raw.ledger_shapes", rows)


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    marks = f"({', '.join('?' * len(rows[0]))})"
    values = [value for row in rows for value in row]
    con.execute(f"insert into {table} values {', '.join([marks] * len(rows))}", values)
