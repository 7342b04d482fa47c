"""Permits of one account: a window, a number of open requests, and what its 429s teach."""

import asyncio
import math

from aiolimiter import AsyncLimiter

from activation.exchange import Limit

_BURST_SHARE = 0.02
_MARGIN = 0.98
_SLOWER = 0.7
_SLOWEST = 0.05
_FASTER = 1.05
_ANSWERS_TO_SPEED_UP = 20
_PAUSE_SECONDS = 1.0
_GATHER_SECONDS = 0.01


class Account:
    """The right to make requests, shared by all destinations of one account.

    A leaky bucket of size `b` and rate `r` lets at most `b - 1 + ceil(r * T)` through in a window
    of `T`; both are chosen so that this stays within the declared rate in every window. A 429
    pauses the account and lowers the rate, answers raise it again up to what is declared. A bucket
    of a changed rate starts full: a change of rate allows no burst.
    """

    def __init__(self, limit: Limit, *, patience_seconds: float = 5.0) -> None:
        self._limit = limit
        self._patience = patience_seconds
        self._share = 1.0
        self._good = 0
        self._paused_until = 0.0
        self._is_new = False
        self._open = 0
        self._slots = asyncio.Semaphore(limit.concurrency)
        self._bucket = self._new_bucket()

    @property
    def share(self) -> float:
        """The part of the declared rate that is used now."""
        return self._share

    async def permits(self, most: int) -> int:
        """Wait for one permit, take as many as are free now, up to `most`.

        While most slots are taken, it waits a moment for more: one claim serves many requests.
        Returns 0 when the account is paused for longer than its patience: leave the rest.
        """
        await self._slots.acquire()
        self._open += 1
        await self._fill_new_bucket()
        await self._bucket.acquire()
        await self._gather()
        if not await self._pass_pause():
            self.free()
            return 0
        await self._fill_new_bucket()
        count = 1
        while count < most and not self._slots.locked() and self._bucket.has_capacity():
            await self._slots.acquire()
            await self._bucket.acquire()
            self._open += 1
            count += 1
        return count

    def free(self, count: int = 1) -> None:
        """Give back slots of requests that are over, or were never made."""
        self._open -= count
        for _ in range(count):
            self._slots.release()

    def throttled(self, retry_after: float | None) -> None:
        """Pause as told, and go slower from now on."""
        wait = _PAUSE_SECONDS if retry_after is None else retry_after
        until = asyncio.get_running_loop().time() + wait
        self._paused_until = max(self._paused_until, until)
        self._good = 0
        self._set_share(max(self._share * _SLOWER, _SLOWEST))

    def answered(self) -> None:
        """An answer that is no 429: after some of them, go a little faster."""
        self._good += 1
        if self._share < 1.0 and self._good >= _ANSWERS_TO_SPEED_UP:
            self._good = 0
            self._set_share(min(self._share * _FASTER, 1.0))

    async def _pass_pause(self) -> bool:
        while (wait := self._paused_until - asyncio.get_running_loop().time()) > 0:
            if wait > self._patience:
                return False
            await asyncio.sleep(wait)
        return True

    async def _gather(self) -> None:
        if self._open > self._limit.concurrency / 2:
            await asyncio.sleep(_GATHER_SECONDS)

    async def _fill_new_bucket(self) -> None:
        if self._is_new:
            self._is_new = False
            await self._bucket.acquire(self._bucket.max_rate)

    def _set_share(self, share: float) -> None:
        if share != self._share:
            self._share = share
            self._bucket = self._new_bucket()
            self._is_new = True

    def _new_bucket(self) -> AsyncLimiter:
        allowed = max(self._limit.rate * self._share, 1e-9)
        burst = max(1, math.floor(allowed * _BURST_SHARE))
        rate = _MARGIN * (allowed - burst + 1) / self._limit.per_seconds
        return AsyncLimiter(burst, burst / rate)
