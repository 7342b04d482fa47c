"""The journal, seen from the event loop: one thread, verdicts written in groups."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from activation.patience import patiently
from activation.shares import Shares
from baton.journal import Answer, Claimed, ClaimOrder, Journal, OpenJob, Verdict

_Result = TypeVar("_Result")


class Desk:
    """Claims and verdicts without blocking the loop, and `shares` of limits."""

    def __init__(self, journal: Journal, now: Callable[[], datetime], worker: str) -> None:
        self._journal = journal
        self._now = now
        self._last_now = now()
        self._worker = worker
        self.shares = Shares(journal, worker, self._patiently)
        journal.keyed_hash(b"")  # the first use reads the key; later ones touch no database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._queue: list[tuple[Answer, asyncio.Future[dict[str, str]]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def claim(self, destination: str, limit: int, order: ClaimOrder) -> list[Claimed]:
        """Claim messages; their attempts are on record when this returns."""
        return await self._patiently(
            lambda: self._journal.claim(destination, limit, self._read_clock(), self._worker, order)
        )

    async def reclaim(self, refused: Answer, order: ClaimOrder) -> list[Claimed]:
        """Record that a request was refused as a whole, and claim some of its messages again."""
        return await self._patiently(
            lambda: self._journal.reclaim(refused, self._read_clock(), self._worker, order)
        )

    async def settle(self, answer: Answer) -> dict[str, str]:
        """Record an answer, together with others that wait; returns states by message id."""
        written: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._queue.append((answer, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

    async def is_due(self, destination: str, checked_within_minutes: float) -> bool:
        """Whether a claim could find something."""
        return await self._patiently(
            lambda: self._journal.is_due(destination, self._read_clock(), checked_within_minutes)
        )

    async def due(self, checked_within_minutes: float) -> set[str]:
        """The destinations that a claim could find something for."""
        return await self._patiently(
            lambda: self._journal.due(self._read_clock(), checked_within_minutes)
        )

    async def stamp(self) -> tuple[int, int]:
        """A mark that changes when messages or switches do."""
        return await self._patiently(self._journal.stamp)

    async def recover(self) -> dict[str, int]:
        """Settle the claims that dead senders left; messages per new state."""
        return await self._patiently(lambda: self._journal.recover(self._read_clock()))

    async def first_claim(self, message_id: str) -> datetime:
        """When a message was claimed for the first time, by the wall clock."""
        attempts = await self._patiently(lambda: self._journal.attempts(message_id))
        return attempts[0]["claimed_wall_at"]

    async def open_jobs(self, destination: str) -> list[OpenJob]:
        """Jobs of a destination to ask for now."""
        return await self._patiently(lambda: self._journal.open_jobs(destination))

    async def job_is_running(self, attempt_id: str) -> None:
        """Ask again later."""
        await self._patiently(lambda: self._journal.job_is_running(attempt_id))

    async def record_job(self, attempt_id: str, verdicts: Sequence[Verdict]) -> dict[str, str]:
        """Record what a job came to; returns the states that changed."""
        return await self._patiently(lambda: self._journal.record_job(attempt_id, verdicts))

    async def stop_destination(self, name: str, reason: str) -> None:
        """Switch a destination off, on record."""
        await self._patiently(
            lambda: self._journal.stop("destination", name, reason=reason, by="sender")
        )

    def digest(self, content: bytes) -> str:
        """A keyed hash of what was sent."""
        return self._journal.keyed_hash(content)

    def now(self) -> datetime:
        """The journal's time at the last claim or verdict."""
        return self._last_now

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            answers = [answer for answer, _ in group]
            try:
                states = await self._patiently(partial(self._record, answers))
            except Exception as error:
                for _, written in group:
                    with contextlib.suppress(asyncio.InvalidStateError):
                        written.set_exception(error)
                continue
            for answer, written in group:
                ids = [verdict.message_id for verdict in answer.verdicts]
                with contextlib.suppress(asyncio.InvalidStateError):
                    written.set_result({id_: states[id_] for id_ in ids if id_ in states})

    def _record(self, answers: Sequence[Answer]) -> dict[str, str]:
        return self._journal.record(answers, self._read_clock())

    def _read_clock(self) -> datetime:
        self._last_now = self._now()
        return self._last_now

    async def _patiently(self, work: Callable[[], _Result]) -> _Result:
        return await patiently(lambda: self._call(work))

    async def _call(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
