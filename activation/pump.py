"""One destination's way: permit first, then claim, then bytes at once, then verdicts."""

import asyncio
from collections.abc import Coroutine

from activation.carrying import Carrier, Surroundings
from activation.config import Destination
from activation.limits import Account
from baton.errors import UsageError
from baton.journal import Claimed
from baton.journal.clock import wall_clock

_GROUP = 200


class Pump:
    """Sends what one destination can take, until nothing is due or it does not answer.

    `wake` may be set while it runs: there is something new.
    """

    def __init__(self, destination: Destination, account: Account, around: Surroundings) -> None:
        self.wake = asyncio.Event()
        self._name = destination.name
        self._account = account
        self._around = around
        self._carrier = Carrier(destination, account, around, self._begin)
        self._open: set[asyncio.Task[None]] = set()
        self._has_failed = False
        self._is_queue_long = False

    @property
    def is_halted(self) -> bool:
        """Whether it was left before its queue was empty."""
        return self._carrier.is_halted

    async def run(self) -> bool:
        """Send until nothing is due, then wait for what is open; false when nothing was found."""
        self._carrier.start()
        self._has_failed = False
        has_found = False
        try:
            await self._carrier.ask_jobs(self._is_over)
            while not self._is_over() and (found := await self._next_group()) is not None:
                has_found |= found
            await self._carrier.ask_jobs(self._is_over)
        finally:
            await self._finish()
        return has_found

    def _is_over(self) -> bool:
        return self.is_halted or self._has_failed or self._around.stop.is_set()

    async def _finish(self) -> None:
        failures: list[BaseException] = []
        while self._open:
            batch = list(self._open)
            ends = await asyncio.gather(*batch, return_exceptions=True)
            self._open -= set(batch)
            failures += [end for end in ends if isinstance(end, BaseException)]
        if failures:
            raise failures[0]

    async def _next_group(self) -> bool | None:
        """Send a group: true; wait for an answer or news: false; null when all is done."""
        minutes = self._around.checked_within_minutes
        if not self._is_queue_long and not await self._around.desk.is_due(self._name, minutes):
            return await self._one_is_over()
        permits = await self._carrier.permits(_GROUP)
        if permits == 0:
            return None
        started, ready_at = wall_clock(), self._account.ready_at
        requests = await self._carrier.in_requests(self._claim(permits), permits)
        self._is_queue_long = len(requests) == permits
        for request in requests:
            self._begin(self._carrier.carry(request, started, ready_at))
        return True if requests else await self._one_is_over()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._open.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        """One that failed is kept, its error ends the run: at once, unless all may go but this."""
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            self._open.discard(task)
        elif not isinstance(error, UsageError):
            self._has_failed = True

    async def _one_is_over(self) -> bool | None:
        running = [task for task in self._open if not task.done()]
        if not running:
            return None
        woken = asyncio.ensure_future(self.wake.wait())
        await asyncio.wait({*running, woken}, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self.wake.clear()
        return False

    async def _claim(self, permits: int) -> list[Claimed]:
        if self._is_over():
            return []
        order = self._carrier.order
        return await self._around.desk.claim(self._name, permits * order.per_request, order)
