"""What senders do in the journal: claims, verdicts, jobs, receipts and shares of limits."""

from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from baton.journal import (
    blocks,
    claims,
    clock,
    jobs,
    permits,
    reading,
    ready,
    receipts,
    recovery,
    verdicts,
    workers,
)
from baton.journal.opened import Opened
from baton.journal.records import (
    AddressBlock,
    Answer,
    Claimed,
    ClaimOrder,
    OpenJob,
    Receipt,
    Share,
    Stake,
    Verdict,
    Wanted,
)

_ANY_DESTINATION = ClaimOrder()


class Sending(Opened):
    """The part of a journal that senders write. Each method is one transaction."""

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
