"""The journal: what must be transactional, and open to every process."""

import os
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from baton.journal import (
    blocks,
    clock,
    contexts,
    drops,
    feeds,
    handover,
    lifting,
    outbox,
    points,
    releases,
    retiring,
    statements,
    switches,
)
from baton.journal.erasures import ErasureLedger
from baton.journal.ledger_reader import LedgerReader
from baton.journal.migrate import migrate
from baton.journal.overrides import OverrideLedger
from baton.journal.plans import PlanLedger
from baton.journal.records import (
    Accessor,
    Act,
    Activation,
    AddressBlock,
    ContactPoint,
    Context,
    HandedMessage,
    HandOver,
    Standing,
    Stated,
    Switch,
)
from baton.journal.reports import Reports
from baton.journal.retiring import Retirable
from baton.journal.reviews import ReviewLedger
from baton.journal.sending import Sending
from baton.journal.store import open_store
from baton.journal.syncs import SyncLedger
from baton.journal.tools import chunks
from baton.tombstones import VARIABLE

_PART = 2_000


class Journal(Sending, Reports):
    """Switches, opt-outs, messages, attempts, release activations of one installation.

    Every method is one transaction, safe from many threads and processes (`hand_over`: one per
    2,000 messages). All times are naive UTC. Raises Busy when the lock is not had in 10 s.
    """

    @classmethod
    def open(
        cls,
        target: str | Path | None = None,
        *,
        polls: bool = False,
        grace: timedelta | None = None,
    ) -> Self:
        """Open, and create or migrate, the journal at a path or SQLAlchemy URL.

        Without a target: `BATON_JOURNAL`, else `baton.journal.db`. A caller that `polls` asks again
        by itself where the lock has no queue. `grace` is how old the claim of a worker without
        lease must be to be settled: 0 on SQLite, 2 minutes on PostgreSQL unless given. Raises
        UsageError when it cannot be a journal or is too new, Busy when it is locked.
        """
        store = open_store(target, os.environ, polls=polls)
        migrate(store)
        wanted = store.database.grace if grace is None else grace
        return cls(store, os.environ.get("BATON_HASH_KEY"), wanted)

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def stop(self, scope: str, value: str | None, *, reason: str, by: str) -> None:
        """Stop a scope: nothing of it is claimed once this returns. `value` is null for global."""
        self._switch(scope, value, is_stopped=True, reason=reason, by=by)

    def resume(
        self,
        scope: str,
        value: str | None,
        *,
        reason: str,
        by: str,
        held: lifting.Held = "release",
    ) -> int:
        """Let a scope go again; `held` says what becomes of what waits. Returns how many did."""
        now = self.now()
        with self._store.write() as connection:
            switches.set_switch(
                connection, scope, value, is_stopped=False, reason=reason, by=by, at=now
            )
            return lifting.settle(connection, scope, value, held, reason=reason, by=by, at=now)

    def waiting_of(self, scope: str, value: str | None) -> dict[str, int]:
        """How many messages of a scope wait, by what holds them (or their state)."""
        with self._store.read() as connection:
            return lifting.waiting(connection, scope, value)

    def let_go(self, message_ids: Collection[str], *, by: str, reason: str) -> list[str]:
        """Let messages go that were kept when a stop was lifted; returns those that were."""
        now = self.now()
        with self._store.write() as connection:
            return lifting.let_go(connection, list(message_ids), reason=reason, by=by, at=now)

    def switches(self) -> list[Switch]:
        """What is stopped now, oldest first."""
        with self._store.read() as connection:
            return switches.stopped(connection)

    def block_addresses(self, blocks_: Iterable[AddressBlock]) -> int:
        """Block addresses from now on; returns how many blocks were new."""
        now, hasher = self.now(), self._hashing()
        with self._store.write() as connection:
            return blocks.add_blocks(connection, blocks_, hasher, now)

    def record_statements(self, act: Act) -> Stated:
        """Record what a person says of own addresses; a no blocks them once this returns."""
        with self._store.write() as connection:
            now = clock.simulated_time(connection) or clock.wall_clock()
            return statements.record(connection, act, now)

    def stated(self, act_id: str, proof: str) -> Stated | None:
        """An act that was recorded, null unless its proof begins with the one given."""
        with self._store.read() as connection:
            return statements.stated(connection, act_id, proof)

    def contact_points_beside(self, own: ContactPoint) -> list[ContactPoint]:
        """The own contact point, then those of the same person on other channels."""
        with self._store.read() as connection:
            return points.of_same_person(connection, own)

    def standing(
        self, point: ContactPoint, brand: str, purposes: Collection[str]
    ) -> dict[str, Standing]:
        """What the journal knows of a contact point of a brand, by purpose."""
        with self._store.read() as connection:
            return statements.standing(connection, point, brand, purposes)

    def record_activation(
        self,
        release_id: str,
        *,
        kind: str,
        active_from: datetime,
        by: str,
        approved_by: str | None,
        reason: str,
    ) -> int:
        """Append `activate` or `withdraw` of a release to the log; returns its seq."""
        now = self.now()
        with self._store.write() as connection:
            return releases.record_activation(
                connection,
                release_id,
                kind=kind,
                active_from=active_from,
                by=by,
                approved_by=approved_by,
                reason=reason,
                at=now,
            )

    def activations(self) -> list[Activation]:
        """The whole log of activations, oldest first."""
        with self._store.read() as connection:
            return releases.activations(connection)

    def unsent_of_release(self, release_id: str) -> dict[str, int]:
        """How many messages of a release are `unsent`, and `claimed`, that is on their way."""
        with self._store.read() as connection:
            return releases.unsent_of(connection, release_id)

    def hand_over(self, messages: Iterable[HandedMessage], *, checked_at: datetime) -> HandOver:
        """Take over new messages; restate what blocks the unsent ones; leave sent ones alone.

        Idempotent by message id; an older statement than the last one changes nothing.
        """
        clock.require_naive(checked_at, "checked_at")
        moment = handover.Moment(checked_at, self.now())
        hasher = self._hashing()
        done: list[HandOver] = []
        for part in chunks(handover.in_safe_order(messages), _PART):
            if done:
                self._store.database.let_others_in()
            with self._store.write() as connection:
                done.append(handover.write_part(connection, part, moment, hasher))
        return handover.total(done)

    def replay(
        self, message_ids: Collection[str], *, by: str | None = None, reason: str | None = None
    ) -> list[str]:
        """Make dead messages pending again, tries forgotten; returns those that could be.

        An expired one stays dead. The next hand-over must restate them before they go.
        """
        now = self.now()
        with self._store.write() as connection:
            return outbox.replay(connection, message_ids, now, by=by, reason=reason)

    def drop(self, message_ids: Collection[str], *, by: str, reason: str) -> list[str]:
        """Give up unsent and dead messages for good; returns those that could be.

        Raises UsageError without a reason or a name.
        """
        now = self.now()
        with self._store.write() as connection:
            return outbox.drop(connection, message_ids, now, by=by, reason=reason)

    def record_drop(self, name: str, content_hash: str, *, row_count: int) -> bool:
        """Record a file drop; false when the last one of that name had the same content."""
        now = self.now()
        with self._store.write() as connection:
            return drops.record_drop(connection, name, content_hash, row_count=row_count, at=now)

    def publish_contexts(self, given: Iterable[Context]) -> int:
        """Write contexts of hand-offs, or blank them; returns how many were not outdated."""
        now, hasher, written = self.now(), self._hashing(), 0
        for part in chunks(list(given), _PART):
            with self._store.write() as connection:
                written += contexts.publish(connection, part, hasher, now)
        return written

    def read_context(self, kind: str, value: str, by: Accessor) -> Context | None:
        """The context found by `email`, `phone` or `id`; the access is on record, found or not."""
        hasher = self._hashing()
        with self._store.write() as connection:
            found = contexts.find(connection, kind, value, hasher)
            outcome, person = ("found", found.person_id) if found else ("not_found", None)
            contexts.note_access(connection, by, outcome, person, clock.wall_clock())
            return found

    def note_refusal(self, by: Accessor) -> None:
        """Put on record that somebody asked for more than the key allows."""
        with self._store.write() as connection:
            contexts.note_access(connection, by, "forbidden", None, clock.wall_clock())

    def accesses(self, person_id: str) -> list[dict[str, Any]]:
        """Who read the context of a person, when, and whether masked; oldest first."""
        with self._store.read() as connection:
            return contexts.accesses_of(connection, person_id)

    def feed(self, stream: str, after: int, limit: int = 100_000) -> list[dict[str, object]]:
        """Rows of a stream with seq above `after`: see `journal_feeds.STREAMS`."""
        return feeds.feed(self._store, stream, after, limit)

    def streams_beyond(self, known: Mapping[str, int]) -> set[str]:
        """The streams that have rows beyond the seq that is known of each, 0 where none is."""
        with self._store.read() as connection:
            return feeds.beyond(connection, known)

    def has_news(self, known: Mapping[str, int]) -> bool:
        """Whether a stream has rows beyond the seq that is known of it, hand-overs left out."""
        with self._store.read() as connection:
            return feeds.has_news(connection, known)

    def retirable(self, before: datetime | None, loaded: Mapping[str, int]) -> Retirable:
        """What has ended before a time and may go; of streams no more than is loaded of each."""
        with self._store.read() as connection:
            return retiring.find(connection, before, loaded, clock.wall_clock())

    def retire(self, found: Retirable) -> None:
        """Remove what was found and may still go, in parts between which others get their turn."""
        for part in chunks(found.message_ids, retiring.PART):
            with self._store.write() as connection:
                still = retiring.still_retirable(connection, found, part)
                retiring.forget_messages(connection, still)
            self._store.database.let_others_in()
        with self._store.write() as connection:
            retiring.forget_the_rest(connection, found)

    @property
    def plans(self) -> PlanLedger:
        """Plans of releases, and who approved them."""
        return PlanLedger(self._store)

    @property
    def syncs(self) -> SyncLedger:
        """What the tools have accepted of profiles, audiences and suppressions."""
        return SyncLedger(self._store, self._hashing())

    @property
    def erasures(self) -> ErasureLedger:
        """Who was erased, by which values they would be known again, and what tools were told."""
        return ErasureLedger(self._store, self.now, os.environ.get(VARIABLE), self._hashing)

    @property
    def overrides(self) -> OverrideLedger:
        """Which identifiers stewards joined and kept apart."""
        return OverrideLedger(self._store, self.now)

    @property
    def reviews(self) -> ReviewLedger:
        """Who looked whether journeys and policies are still right."""
        return ReviewLedger(self._store, self.now)

    @property
    def ledgers(self) -> LedgerReader:
        """The append-only tables as an audit needs them, and the key of their leaves."""
        return LedgerReader(self._store, self._hashing)

    def _switch(
        self, scope: str, value: str | None, *, is_stopped: bool, reason: str, by: str
    ) -> None:
        now = self.now()
        with self._store.write() as connection:
            switches.set_switch(
                connection, scope, value, is_stopped=is_stopped, reason=reason, by=by, at=now
            )
