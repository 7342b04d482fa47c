"""The journal, seen from the event loop: one thread, verdicts written in groups."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from baton.errors import Busy
from baton.journal import Answer, Claimed, ClaimOrder, Journal

_BUSY_TIMES = 6  # a verdict lost is a message in doubt: worth a minute of waiting for the lock
_Result = TypeVar("_Result")


class Desk:
    """Claims and verdicts without blocking the loop."""

    def __init__(self, journal: Journal, now: Callable[[], datetime], worker: str) -> None:
        self._journal = journal
        self._now = now
        self._last_now = now()
        self._worker = worker
        journal.keyed_hash(b"")  # the first use reads the key; later ones touch no database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._queue: list[tuple[Answer, asyncio.Future[dict[str, str]]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def claim(self, destination: str, limit: int, order: ClaimOrder) -> list[Claimed]:
        """Claim messages; their attempts are on record when this returns."""
        return await self._patiently(
            lambda: self._journal.claim(destination, limit, self._read_clock(), self._worker, order)
        )

    async def settle(self, answer: Answer) -> dict[str, str]:
        """Record an answer, together with others that wait; returns states by message id."""
        written: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._queue.append((answer, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

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
        for _ in range(_BUSY_TIMES):
            with contextlib.suppress(Busy):
                return await self._call(work)
        return await self._call(work)

    async def _call(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
