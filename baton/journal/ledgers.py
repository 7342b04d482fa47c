"""The journal's append-only tables as ledgers: rows by `seq`, each as two texts to be hashed."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, literal, select, union_all

from baton.journal.schema import (
    accesses,
    address_blocks,
    erasures,
    identity_overrides,
    ledger_anchors,
    release_activations,
    release_approvals,
    release_plans,
    reviews,
    statements,
    switches,
    sync_approvals,
)
from baton.journal.store import Store
from baton.journal.tools import chunks

_NODES = 500


@dataclass(frozen=True)
class JournalLedger:
    """A table whose rows never change but for `settled` columns, which no digest covers.

    An erasure replaces the `erasable` columns by "".
    """

    table: Table
    settled: frozenset[str] = frozenset()
    erasable: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that a row keeps for good."""
        left_out = self.settled | set(self.erasable)
        return tuple(column.name for column in self.table.c if column.name not in left_out)


@dataclass(frozen=True)
class LedgerRow:
    """A row, as the text of what it keeps and the text of what can be erased."""

    seq: int
    kept: str
    erasable: str

    @property
    def hashes(self) -> tuple[bytes, bytes | None]:
        """The hashes of both, the second null where nothing can be erased."""
        erasable = sha256(self.erasable.encode()).digest() if self.erasable else None
        return sha256(self.kept.encode()).digest(), erasable


JOURNAL_LEDGERS: Mapping[str, JournalLedger] = {
    one.table.name: one
    for one in (
        JournalLedger(switches),
        JournalLedger(address_blocks),
        JournalLedger(release_activations),
        JournalLedger(statements, erasable=("node_id", "contact_point_id")),
        JournalLedger(accesses),
        JournalLedger(sync_approvals),
        JournalLedger(identity_overrides),
        JournalLedger(release_plans),
        JournalLedger(release_approvals),
        JournalLedger(reviews),
        JournalLedger(erasures, settled=frozenset({"cleaned_wall_at", "done_at", "returned_at"})),
    )
}

BY_COPY = frozenset({"message_events", "sync_outcomes"})
"""Append-only until they are old: their digests are over the warehouse's copies."""

NO_LEDGER = frozenset({"drops", "ledger_anchors"})
"""Append-only, and nothing is decided by them: what the last file was like; the digests' own."""


def rows_after(store: Store, after: Mapping[str, int]) -> dict[str, list[LedgerRow]]:
    """The rows of each ledger with `seq` above the one given, in order; ledgers without left out.

    None is read while a lower one may still be committed.
    """
    with store.read() as connection:
        found = connection.execute(_LAST).all()
    new = [name for name, last in found if (last or 0) > after.get(name, 0)]
    rows: dict[str, list[LedgerRow]] = {}
    for name in new:
        table = JOURNAL_LEDGERS[name].table
        with store.read_settled(table) as connection:
            last = connection.execute(select(func.max(table.c.seq))).scalar() or 0
        with store.read() as connection:
            rows[name] = list(_rows(connection, name, after.get(name, 0), last))
    return rows


def rows_between(
    connection: Connection, name: str, after: int, upto: int, kept: Sequence[str]
) -> list[LedgerRow]:
    """The rows of a ledger with `after` < `seq` <= `upto`, in order, by these of its columns."""
    return list(_rows(connection, name, after, upto, kept))


def rows_of_nodes(
    connection: Connection, name: str, node_ids: Collection[str], kept: Sequence[str]
) -> Iterator[LedgerRow]:
    """The rows of a ledger that are about these nodes."""
    one = JOURNAL_LEDGERS[name]
    for part in chunks(sorted(node_ids), _NODES):
        mine = select(one.table).where(one.table.c.node_id.in_(part))
        yield from (_row(one, row, kept) for row in connection.execute(mine).mappings())


def erased_hash(one: JournalLedger) -> bytes:
    """The hash of what is in the place of the erasable columns of a row after an erasure."""
    return sha256(_text(dict.fromkeys(one.erasable, "")).encode()).digest()


def anchor(
    connection: Connection, *, link: int, digest: str, release_id: str | None, at: datetime
) -> None:
    """Keep the last digest of the warehouse's chain, as it was at an activation."""
    connection.execute(
        ledger_anchors.insert().values(
            link=link, digest=digest, release_id=release_id, recorded_at=at
        )
    )


def anchors(connection: Connection) -> list[tuple[int, str]]:
    """Links of the chain that were kept, with their digests, oldest first."""
    query = select(ledger_anchors.c.link, ledger_anchors.c.digest).order_by(ledger_anchors.c.seq)
    return [(link, digest) for link, digest in connection.execute(query)]


def _rows(
    connection: Connection, name: str, after: int, upto: int, kept: Sequence[str] | None = None
) -> Iterator[LedgerRow]:
    one = JOURNAL_LEDGERS[name]
    seq = one.table.c.seq
    query = select(one.table).where(seq > after, seq <= upto).order_by(seq)
    for row in connection.execute(query).mappings():
        yield _row(one, row, one.kept if kept is None else kept)


def _row(one: JournalLedger, row: Mapping[Any, Any], kept: Sequence[str]) -> LedgerRow:
    erasable = _text({name: row[name] for name in one.erasable}) if one.erasable else ""
    return LedgerRow(row["seq"], _text({name: row[name] for name in kept}), erasable)


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _last_of_each() -> Any:
    parts: Sequence[Any] = [
        select(literal(name).label("name"), func.max(one.table.c.seq).label("last"))
        for name, one in JOURNAL_LEDGERS.items()
    ]
    return union_all(*parts)


_LAST = _last_of_each()
