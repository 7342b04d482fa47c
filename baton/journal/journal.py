"""The journal: what must be transactional, and open to every process."""

import os
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from baton.journal import (
    blocks,
    claims,
    clock,
    contexts,
    drops,
    feeds,
    handover,
    health,
    jobs,
    lifting,
    outbox,
    permits,
    points,
    reading,
    ready,
    receipts,
    recovery,
    releases,
    retiring,
    statements,
    switches,
    verdicts,
    workers,
)
from baton.journal.erasures import ErasureLedger
from baton.journal.hashing import AddressHasher, open_hasher
from baton.journal.health import Untold
from baton.journal.ledger_reader import LedgerReader
from baton.journal.migrate import migrate
from baton.journal.overrides import OverrideLedger
from baton.journal.plans import PlanLedger
from baton.journal.records import (
    Accessor,
    Act,
    Activation,
    AddressBlock,
    Answer,
    Claimed,
    ClaimOrder,
    ContactPoint,
    Context,
    HandedMessage,
    HandOver,
    OpenJob,
    Receipt,
    Share,
    Stake,
    Standing,
    Stated,
    Switch,
    Verdict,
    Wanted,
)
from baton.journal.retiring import Retirable
from baton.journal.reviews import ReviewLedger
from baton.journal.store import Store, open_store
from baton.journal.syncs import SyncLedger
from baton.journal.tools import chunks
from baton.tombstones import VARIABLE

_PART = 2_000
_ANY_DESTINATION = ClaimOrder()


class Journal:
    """Switches, opt-outs, messages, attempts, release activations of one installation.

    Every method is one transaction, safe from many threads and processes (`hand_over`: one per
    2,000 messages). All times are naive UTC. Raises Busy when the lock is not had in 10 s.
    """

    def __init__(self, store: Store, hash_key: str | None, grace: timedelta) -> None:
        self._store = store
        self._grace = grace
        self._hash_key = hash_key
        self._hasher: AddressHasher | None = None

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

    def now(self) -> datetime:
        """The simulated time if one is set, else the wall clock."""
        return self.simulated_time() or clock.wall_clock()

    def simulated_time(self) -> datetime | None:
        """The simulated time, null when the wall clock counts."""
        with self._store.read() as connection:
            return clock.simulated_time(connection)

    def set_simulated_time(self, at: datetime) -> None:
        """Set the clock all processes see. Raises UsageError when it would go back."""
        with self._store.write() as connection:
            clock.set_simulated_time(connection, at)

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

    def claim(
        self,
        destination: str,
        limit: int,
        now: datetime,
        worker: str,
        order: ClaimOrder = _ANY_DESTINATION,
    ) -> list[Claimed]:
        """Claim up to `limit` messages in their order, every rule checked again.

        The attempts stand in the journal before this returns: send the bytes at once. `worker` is
        a name that `working` gave. Raises Busy when its lease is gone.
        """
        with self._store.write() as connection:
            workers.require_lease(self._store.database, connection, worker)
            return claims.claim(connection, destination, limit, now=now, worker=worker, order=order)

    def reclaim(
        self,
        refused: Answer,
        now: datetime,
        worker: str,
        order: ClaimOrder = _ANY_DESTINATION,
    ) -> list[Claimed]:
        """Record verdicts, and claim the same messages again, every rule checked again.

        Nobody else can claim them in between.
        """
        with self._store.write() as connection:
            workers.require_lease(self._store.database, connection, worker)
            return claims.reclaim(connection, refused, now=now, worker=worker, order=order)

    def record_and_claim(
        self, answers: Sequence[Answer], wanted: Sequence[Wanted], now: datetime, worker: str
    ) -> tuple[dict[str, str], list[list[Claimed]]]:
        """Write verdicts, then claim what is wanted: `record` and `claim` by one commit for all.

        Returns the new state per message id, and what was claimed for each that is wanted.
        """
        with self._store.write() as connection:
            if wanted:
                workers.require_lease(self._store.database, connection, worker)
            states = verdicts.record(connection, answers, now) if answers else {}
            claimed = [
                claims.claim(
                    connection, one.destination, one.limit, now=now, worker=worker, order=one.order
                )
                for one in wanted
            ]
        return states, claimed

    def due(self, now: datetime, checked_within_minutes: float) -> set[str]:
        """The destinations that a claim could find something for."""
        with self._store.read() as connection:
            return ready.due(connection, now, checked_within_minutes)

    def is_due(self, destination: str, now: datetime, checked_within_minutes: float) -> bool:
        """Whether a claim could find something for a destination."""
        with self._store.read() as connection:
            return ready.is_due(connection, destination, now, checked_within_minutes)

    def running_jobs(self) -> dict[str, int]:
        """Requests that a tool has accepted and not yet applied, per destination."""
        with self._store.read() as connection:
            return jobs.running(connection)

    def stamp(self) -> tuple[int, int]:
        """A mark that changes when messages or switches do; cheap to ask for."""
        with self._store.read() as connection:
            return reading.stamp(connection)

    def record(self, answers: Sequence[Answer], now: datetime) -> dict[str, str]:
        """Write the verdicts of requests; returns the new state per message id."""
        with self._store.write() as connection:
            return verdicts.record(connection, answers, now)

    @contextmanager
    def working(self) -> Generator[str]:
        """Be one of the journal's workers: yields the name to claim by, leased until the end.

        Any number may work at once. The lease ends with the process, however that ends.
        """
        name = workers.new_name()
        with self._store.database.lease(name):
            yield name

    def recover(self, now: datetime) -> dict[str, int]:
        """Settle claims of workers whose lease is gone, once the grace is over; per new state."""
        with self._store.write() as connection:
            return recovery.recover(
                connection,
                now,
                is_alive=partial(self._store.database.is_held, connection),
                claimed_before=clock.wall_clock() - self._grace,
            )

    def put_back(self, worker: str, carried: Collection[str], now: datetime) -> None:
        """Let claims of a worker go again, but those of the attempts that it carries.

        For one whose commit may have stood though it was told that it had not.
        """
        with self._store.write() as connection:
            recovery.put_back(connection, worker, carried, now)

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

    def outbox(
        self,
        *,
        states: Collection[str],
        destination: str | None = None,
        journey: str | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Messages in these states, oldest first, without personal values."""
        with self._store.read() as connection:
            return outbox.listed(
                connection, states=states, destination=destination, journey=journey, limit=limit
            )

    def backlog(self) -> list[dict[str, Any]]:
        """Per destination: messages by unsent state, those dead, and the oldest that waits."""
        with self._store.read() as connection:
            return outbox.backlog(connection)

    def ended_since(self, at: datetime) -> dict[str, dict[str, int]]:
        """Messages that came to an end since then, per destination and state."""
        with self._store.read() as connection:
            return health.ended_since(connection, at)

    def waits_since(self, at: datetime) -> list[float]:
        """Sorted seconds from hand-over to claim of what was accepted since, 10,000 at most."""
        with self._store.read() as connection:
            return health.waits_since(connection, at)

    def untold(self, suppressions: Iterable[tuple[str, str]]) -> list[Untold]:
        """Opt-outs that tools have not been told; `suppressions` are syncs and destinations."""
        with self._store.read() as connection:
            ways = [health.untold_by_sync(connection, *one) for one in suppressions]
            return [*health.untold_by_messages(connection), *filter(None, ways)]

    def share_permits(
        self,
        account: str,
        holder: str,
        stakes: Sequence[Stake],
        *,
        lease: timedelta,
        rests_until: datetime | None = None,
    ) -> Share:
        """What a sender may use of an account's limits until the lease, by the wall clock, ends."""
        with self._store.write() as connection:
            return permits.share(
                connection,
                account,
                holder,
                stakes,
                clock.wall_clock(),
                lease=lease,
                is_alive=partial(self._store.database.is_held, connection),
                rests_until=rests_until,
            )

    def leave_permits(self, account: str, holder: str, stakes: Sequence[Stake]) -> None:
        """Give back what a sender holds of an account's limits, but for what still counts."""
        with self._store.write() as connection:
            permits.leave(connection, account, holder, stakes, clock.wall_clock())

    def open_jobs(self, destination: str) -> list[OpenJob]:
        """Accepted requests of a destination whose jobs should be asked for now."""
        with self._store.read() as connection:
            return jobs.due(connection, destination, clock.wall_clock())

    def job_is_running(self, attempt_id: str) -> None:
        """Ask for this job again, later than the last time."""
        with self._store.write() as connection:
            jobs.postpone(connection, attempt_id, clock.wall_clock())

    def record_job(self, attempt_id: str, verdicts_: Sequence[Verdict]) -> dict[str, str]:
        """Write what a job came to; returns the new state per message id that changed."""
        now = self.now()
        with self._store.write() as connection:
            return jobs.close(connection, attempt_id, verdicts_, now)

    def record_receipts(
        self, given: Iterable[Receipt], blocks_: Iterable[AddressBlock] = ()
    ) -> int:
        """Apply providers' reports: delivered, bounced, complained, stopped; states changed.

        `blocks_` are what the same reports say of addresses, whoever wrote to them.
        """
        now, hasher = self.now(), self._hashing()
        with self._store.write() as connection:
            blocks.add_blocks(connection, blocks_, hasher, now)
            return receipts.record_receipts(connection, given, now)

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

    def message_counts(self) -> dict[str, int]:
        """Messages per state."""
        with self._store.read() as connection:
            return reading.counts(connection)

    def message_counts_by_action(self) -> list[tuple[str, str, str, int]]:
        """Journey, action, state, and how many messages of them there are."""
        with self._store.read() as connection:
            return reading.counts_by_action(connection)

    def waiting(self) -> dict[str, int]:
        """Messages not yet sent (pending, held or retry), per destination."""
        with self._store.read() as connection:
            return reading.waiting(connection)

    def message(self, message_id: str) -> dict[str, Any] | None:
        """The current row of a message, without personal values."""
        with self._store.read() as connection:
            return reading.message(connection, message_id)

    def attempts(self, message_id: str) -> list[dict[str, Any]]:
        """The requests that carried a message, oldest first, with its verdicts."""
        with self._store.read() as connection:
            return reading.attempts_of(connection, message_id)

    def message_events(self, message_id: str) -> list[dict[str, Any]]:
        """The states that a message has come through, oldest first, with reason and time."""
        with self._store.read() as connection:
            return reading.events_of(connection, message_id)

    def messages_of(self, node_ids: Collection[str]) -> list[dict[str, Any]]:
        """The messages of these nodes, oldest first, without personal values."""
        with self._store.read() as connection:
            return reading.messages_of(connection, node_ids)

    def sent_before_optout(self) -> list[dict[str, Any]]:
        """Messages that may have gone while an opt-out came, with the times of both."""
        with self._store.read() as connection:
            return reading.sent_before_optout(connection)

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

    def keyed_hash(self, content: bytes) -> str:
        """A hash of content that nobody without the journal's key can test guesses against."""
        return self._hashing().text(content)

    def _hashing(self) -> AddressHasher:
        if self._hasher is None:
            with self._store.write() as connection:
                hasher = open_hasher(connection, self._hash_key)
            self._hasher = hasher
        return self._hasher

    def _switch(
        self, scope: str, value: str | None, *, is_stopped: bool, reason: str, by: str
    ) -> None:
        now = self.now()
        with self._store.write() as connection:
            switches.set_switch(
                connection, scope, value, is_stopped=is_stopped, reason=reason, by=by, at=now
            )
