"""Whether the rows of a link are those that were sealed, erased ones by what stands for them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import duckdb

from baton.audit.chain import Link, leaf, leaves_of, rows_digest, strangers
from baton.audit.findings import NAMED, Finding
from baton.audit.ledgers import Shape
from baton.audit.sealed_rows import Readable, Row, Sealed


@dataclass(frozen=True)
class _Tombstone:
    leaf: bytes | None
    kept: bytes | None
    hidden: bytes | None
    erasure_id: str


def judge(
    con: duckdb.DuckDBPyConnection,
    key: bytes,
    one: Readable,
    sealed: Sealed,
    erasures: AbstractSet[str],
) -> Finding | None:
    """Return what differs, null where nothing does; `erasures` are those on record."""
    link, rows = sealed.link, sealed.rows
    if sealed.shape is None:
        what = "columns that it was sealed with are gone"
        return Finding(one.name, link.window_id, what, link=link.link)
    leaves = leaves_of(key, [(row.kept, row.erasable) for row in rows])
    if rows_digest(leaves)[:2] == (link.rows_digest, link.marks):
        return None
    stones = [stone for stone in _tombstones(con, link) if stone.erasure_id in erasures]
    strange, _ = strangers(leaves, link.marks)
    for index in strange:
        before = _before_erasure(key, one, sealed.shape, rows[index], stones)
        leaves[index] = before or leaves[index]
    leaves += _removed(leaves, link.marks, stones)
    digest, marks, _ = rows_digest(leaves)
    if (digest, marks) == (link.rows_digest, link.marks):
        return None
    strange, missing = strangers(leaves, link.marks)
    named = tuple(rows[index].name for index in strange if index < len(rows))
    what = _said(len(strange), missing, len(rows), link.row_count)
    return Finding(one.name, link.window_id, what, link=link.link, rows=named[:NAMED])


def _before_erasure(
    key: bytes, one: Readable, shape: Shape, row: Row, stones: Sequence[_Tombstone]
) -> bytes | None:
    """The leaf that a row had which now says what an erasure leaves, null for other rows."""
    for stone in stones:
        is_of_row = stone.hidden is not None and stone.kept == row.kept
        if is_of_row and row.erasable == one.erased_hash(shape, stone.erasure_id):
            return leaf(key, row.kept, stone.hidden or b"")
    return None


def _removed(leaves: Sequence[bytes], marks: bytes, stones: Sequence[_Tombstone]) -> list[bytes]:
    """The leaves of rows that erasures have removed, as far as marks wait for them."""
    found: list[bytes] = []
    there = set(leaves)
    for stone in stones:
        if stone.leaf is None or stone.leaf in there:
            continue
        strange, _ = strangers([*leaves, *found, stone.leaf], marks)
        if len(leaves) + len(found) not in strange:
            found.append(stone.leaf)
            there.add(stone.leaf)
    return found


def _said(strange: int, missing: int, now: int, then: int) -> str:
    if not strange and not missing:
        return "what was sealed of it is another"
    changed = min(strange, missing)
    parts = [(changed, "changed"), (strange - changed, "added"), (missing - changed, "gone")]
    told = ", ".join(f"{count} {word}" for count, word in parts if count)
    return f"rows {told} ({now} now, {then} when sealed)"


def _tombstones(con: duckdb.DuckDBPyConnection, link: Link) -> list[_Tombstone]:
    rows = con.execute(
        "select t.leaf, t.kept, t.hidden, t.erasure_id from raw.ledger_tombstones as t "
        "where t.ledger = ? and t.position > ? and t.position <= ?",
        [link.ledger, link.from_position, link.to_position],
    ).fetchall()
    return [_Tombstone(*row) for row in rows]
