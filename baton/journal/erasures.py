"""The ledger of erasures: values as keyed hashes alone, and what each tool has been told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from baton.errors import UsageError
from baton.ids import make_id
from baton.journal import erasing, erasure_calls, overrides
from baton.journal.clock import get_setting, put_setting, wall_clock
from baton.journal.erased_keys import KeyHashes
from baton.journal.erasure_calls import ToolOrder, call_tools
from baton.journal.hashing import AddressHasher
from baton.journal.schema import erasure_tools, erasures, tombstones
from baton.journal.store import Store
from baton.tombstones import ErasureKey, Identifier, Tombstone, Tombstones

_FINGERPRINT = "erasure_key_fingerprint"
_PURGED = "purged_at"


@dataclass(frozen=True)
class ErasureOrder:
    """Whom to erase: their ids, the values they were known by, and the tools that know them.

    `row_keys` and `handles` are what syncs call them; rows of `kept_syncs` (sync, destination) are
    known until the tool has accepted that they are taken back.
    """

    person_ids: Collection[str]
    node_ids: Collection[str]
    identifiers: Sequence[Identifier] = field(repr=False)
    tools: Sequence[ToolOrder] = ()
    row_keys: Collection[str] = field(default=(), repr=False)
    handles: Collection[str] = field(default=(), repr=False)
    kept_syncs: Collection[tuple[str, str]] = ()


@dataclass(frozen=True)
class Erasure:
    """One row of the ledger; times are naive UTC.

    `cleaned_wall_at` is when the person was gone from the warehouse, by the wall clock: what has
    come in since is of somebody new.
    `done_at` is null until all stores are clean.
    """

    erasure_id: str
    person_ids: tuple[str, ...]
    node_ids: tuple[str, ...]
    reason: str
    set_by: str
    erased_at: datetime
    cleaned_wall_at: datetime | None
    done_at: datetime | None


class ErasureLedger:
    """Erasures of one journal. Every method is one transaction."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        key: str | None,
        hasher: Callable[[], AddressHasher],
    ) -> None:
        self._store = store
        self._now = now
        self._key = key
        self._hasher = hasher

    def order(self, order: ErasureOrder, *, reason: str, by: str) -> Erasure:
        """Erase in the journal, at once; nothing more goes to these people when it returns.

        Raises UsageError without a reason, a name or the key (`BATON_ERASURE_KEY`).
        """
        if not reason.strip() or not by.strip():
            raise UsageError(
                "erasing needs a reason and a name",
                where="baton identity erase",
                mend="say why, and who decided it",
            )
        key, now = ErasureKey.parse(self._key), self._now()
        erasure_id = make_id("erasure", *sorted(order.node_ids), wall_clock())
        one = Erasure(
            erasure_id,
            tuple(sorted(order.person_ids)),
            tuple(sorted(order.node_ids)),
            reason,
            by,
            now,
            None,
            None,
        )
        keys = KeyHashes(self._hasher()).of([*order.row_keys, *order.handles])
        with self._store.write() as connection:
            _require_same(connection, key)
            connection.execute(
                erasures.insert().values(
                    **vars(one),
                    sync_keys=sorted(keys),
                    kept_syncs=sorted(list(sync) for sync in order.kept_syncs),
                    recorded_wall_at=wall_clock(),
                )
            )
            hashes = {key.hash(one) for one in order.identifiers}
            stones = [{"value_hash": one, "erasure_id": erasure_id} for one in sorted(hashes)]
            if stones:
                connection.execute(tombstones.insert(), stones)
            erasing.stop_messages(connection, order.node_ids, now)
            overrides.lift_of_erased(connection, order.node_ids, by=by, at=now)
            erasing.forget_contexts(connection, order.person_ids)
            erasing.forget_rows(connection, order.row_keys, order.handles, order.kept_syncs)
            call_tools(connection, erasure_id, order.tools, key, now)
        return one

    def told(
        self, node_ids: Collection[str], row_keys: Collection[str], handles: Collection[str]
    ) -> set[str]:
        """The destinations that messages or syncs have told something of these."""
        with self._store.read() as connection:
            return erasing.told(connection, node_ids, row_keys, handles)

    def open(self) -> list[Erasure]:
        """Those that are not done in every store, oldest first."""
        return [one for one in self.all() if one.done_at is None]

    def all(self) -> list[Erasure]:
        """The whole ledger, oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(erasures).order_by(erasures.c.seq)).all()
        return [_erasure(row) for row in rows]

    def note_cleaned(self, one: Erasure) -> None:
        """Remember that the person is gone from the warehouse, and must not be removed again."""
        mine = update(erasures).where(erasures.c.erasure_id == one.erasure_id)
        with self._store.write() as connection:
            connection.execute(mine.values(cleaned_wall_at=wall_clock()))

    def finish(self, one: Erasure) -> bool:
        """Sever what the ledgers keep from the person; false while a message is on its way.

        Call it when the warehouse and the landed files are clean.
        """
        now = self._now()
        with self._store.write() as connection:
            erasing.stop_messages(connection, one.node_ids, now)
            erasing.forget_contexts(connection, one.person_ids)
            if erasing.has_claimed(connection, one.node_ids):
                return False
            erasing.sever(connection, one.node_ids)
            mine = update(erasures).where(erasures.c.erasure_id == one.erasure_id)
            connection.execute(mine.values(done_at=now))
        return True

    def tombstones(self) -> Tombstones | None:
        """All tombstones, null when nobody was ever erased.

        Raises UsageError when there are some and the key is missing, or is another than it was.
        """
        with self._store.read() as connection:
            rows = connection.execute(_STONES).all()
            if not rows:
                return None
            key = ErasureKey.parse(self._key)
            _require_known(connection, key)
        stones = {
            row.value_hash: Tombstone(row.erasure_id, row.erased_at, row.returned_at)
            for row in rows
        }
        return Tombstones(key, stones)

    def note_returns(self, returned: Mapping[str, datetime]) -> None:
        """Remember when persons, by the ids of their erasures, first did something anew."""
        with self._store.write() as connection:
            for erasure_id, at in returned.items():
                mine = erasures.c.erasure_id == erasure_id, erasures.c.returned_at.is_(None)
                connection.execute(update(erasures).where(*mine).values(returned_at=at))

    def tools(self, erasure_id: str) -> list[dict[str, Any]]:
        """What each tool has been told: `state` is done, waiting, failed, or to be done by hand.

        `calls` counts the calls by state of their messages.
        """
        with self._store.read() as connection:
            return erasure_calls.told(connection, erasure_id)

    def purge(self) -> None:
        """Leave nothing of what was blanked in the journal's own files, as far as it can."""
        self._store.purge()

    def note_purge(self, at: datetime) -> None:
        """Remember that all stores were rewritten at a time of the wall clock."""
        with self._store.write() as connection:
            put_setting(connection, _PURGED, at.isoformat())

    def purged_at(self) -> datetime | None:
        """When all stores were rewritten last, by the wall clock; null if never."""
        with self._store.read() as connection:
            value = get_setting(connection, _PURGED)
        return datetime.fromisoformat(value) if value else None

    def settle_by_hand(self, erasure_id: str, tool: str, *, by: str) -> None:
        """Put on record that somebody has seen to a tool. Raises UsageError for an unknown one."""
        mine = erasure_tools.c.erasure_id == erasure_id, erasure_tools.c.tool == tool
        with self._store.write() as connection:
            change = update(erasure_tools).where(*mine)
            values = {"settled_at": self._now(), "settled_by": by}
            if not connection.execute(change.values(**values)).rowcount:
                raise UsageError(
                    "there is no such tool in that erasure",
                    where=f"{erasure_id}, {tool}",
                    mend="`baton identity erasures` lists them",
                )


def _erasure(row: Any) -> Erasure:
    return Erasure(
        row.erasure_id,
        tuple(row.person_ids),
        tuple(row.node_ids),
        row.reason,
        row.set_by,
        row.erased_at,
        row.cleaned_wall_at,
        row.done_at,
    )


def _require_same(connection: Connection, key: ErasureKey) -> None:
    """The first use fixes the key for good."""
    if get_setting(connection, _FINGERPRINT) is None:
        put_setting(connection, _FINGERPRINT, key.fingerprint)
    _require_known(connection, key)


def _require_known(connection: Connection, key: ErasureKey) -> None:
    if get_setting(connection, _FINGERPRINT) != key.fingerprint:
        raise UsageError(
            "the key of erasures is not the one this journal began with: "
            "erased people would not be recognised",
            where="BATON_ERASURE_KEY",
            mend="set BATON_ERASURE_KEY as it was at the first erasure",
        )


_STONES = (
    select(
        tombstones.c.value_hash,
        tombstones.c.erasure_id,
        erasures.c.returned_at,
        erasures.c.erased_at,
    )
    .join_from(tombstones, erasures)
    .order_by(erasures.c.seq)
)
