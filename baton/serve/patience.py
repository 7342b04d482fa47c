"""The journal, seen from the event loop: off the loop, and with patience for its lock.

The journal is opened without a waiting time of its own: SQLite waits in growing steps, and would
miss the short moments in which a hand-over lets others in.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from baton.errors import Busy

RETRY_AFTER_SECONDS = 5
LONGEST_SECONDS = 6.0
_BETWEEN_TRIES = 0.005
_AT_ONCE = 4
_Result = TypeVar("_Result")


class Patience:
    """Calls that wait for the journal's lock a bounded time, then raise Busy; writes in turn."""

    def __init__(self, seconds: float = LONGEST_SECONDS) -> None:
        self._seconds = seconds
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._turn = asyncio.Lock()

    async def read(self, work: Callable[[], _Result]) -> _Result:
        """The result of one transaction that only reads, made in a thread."""
        return await self._until(self._deadline(), work)

    async def write(self, work: Callable[[], _Result]) -> _Result:
        """The same of one that writes: those of this process do not compete for the lock."""
        deadline = self._deadline()
        async with self._turn:
            return await self._until(deadline, work)

    def _deadline(self) -> float:
        return time.monotonic() + self._seconds

    async def _until(self, deadline: float, work: Callable[[], _Result]) -> _Result:
        while True:
            try:
                return await to_thread.run_sync(work, limiter=self._limiter)
            except Busy:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_BETWEEN_TRIES)
