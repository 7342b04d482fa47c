"""The journal, seen from the event loop: off the loop, and with patience for its lock."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from baton.errors import Busy

RETRY_AFTER_SECONDS = 5
LOCK_SECONDS = 2
_WAITS = (0.05, 0.2)
_AT_ONCE = 8
_Result = TypeVar("_Result")


class Patience:
    """Calls that wait for the journal's lock a bounded time. The last one may raise Busy."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(_AT_ONCE)

    async def call(self, work: Callable[[], _Result]) -> _Result:
        """The result of one transaction of the journal, made in a thread."""
        for wait in _WAITS:
            try:
                return await self._once(work)
            except Busy:
                await asyncio.sleep(wait)
        return await self._once(work)

    async def _once(self, work: Callable[[], _Result]) -> _Result:
        return await to_thread.run_sync(work, limiter=self._limiter)
