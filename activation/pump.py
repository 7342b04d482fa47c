"""One destination's way: permit first, then claim, then bytes at once, then verdicts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime

from activation import reconciling
from activation.config import Destination
from activation.courier import Courier, Delivered, Prepared, in_parts, put_back, to_split
from activation.desk import Desk
from activation.limits import Account
from activation.report import SendReport, Tally
from activation.templates import Templates
from activation.transports import Transports
from baton.errors import UsageError
from baton.journal import Answer, Claimed, ClaimOrder, OpenJob
from baton.journal.clock import wall_clock

_UNANSWERED_IN_A_ROW = 5
_GROUP = 200


@dataclass(frozen=True)
class Surroundings:
    """What all destinations of one call share. Nothing is claimed once `stop` is set."""

    desk: Desk
    transports: Transports
    templates: Templates
    tally: Tally
    checked_within_minutes: float
    on_progress: Callable[[SendReport], None] | None
    stop: asyncio.Event


class Pump:
    """Sends what one destination can take, until nothing is due or it does not answer.

    `wake` may be set while it runs: there is something new.
    """

    def __init__(self, destination: Destination, account: Account, around: Surroundings) -> None:
        call = destination.call("messages")
        facts = call.facts
        self.wake = asyncio.Event()
        self._name = destination.name
        self._account = account
        self._around = around
        self._courier = Courier(destination, around.templates, around.transports)
        self._order = ClaimOrder(
            facts.retry_class,
            facts.batch,
            around.checked_within_minutes,
            has_lookup=self._courier.looks_up,
        )
        self._open: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        self._is_halted = False
        self._has_failed = False
        self._is_queue_long = False

    @property
    def is_halted(self) -> bool:
        """Whether it was left before its queue was empty."""
        return self._is_halted

    async def run(self) -> bool:
        """Send until nothing is due, then wait for what is open; false when nothing was found."""
        self._is_halted, self._has_failed, self._unanswered = False, False, 0
        has_found = False
        try:
            await self._ask_jobs()
            while not self._is_over() and (found := await self._next_group()) is not None:
                has_found |= found
            await self._ask_jobs()
        finally:
            await self._finish()
        return has_found

    def _is_over(self) -> bool:
        return self._is_halted or self._has_failed or self._around.stop.is_set()

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
        permits = await self._permits(_GROUP)
        if permits == 0:
            return None
        started, ready_at = wall_clock(), self._account.ready_at
        requests = await self._in_requests(self._claim(permits), permits)
        self._is_queue_long = len(requests) == permits
        for request in requests:
            self._begin(self._carry(request, started, ready_at))
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

    async def _permits(self, most: int) -> int:
        """Permits, as soon as there are any; 0 when stopped or when the account must be left."""
        asked = asyncio.ensure_future(self._account.permits(most))
        stopped = asyncio.ensure_future(self._around.stop.wait())
        try:
            await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        if not asked.done():
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asked
            return 0
        if asked.result() == 0:
            self._halt(self._account.refusal)
        return asked.result()

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
        most = permits * self._order.per_request
        return await self._around.desk.claim(self._name, most, self._order)

    async def _in_requests(
        self, claim: Awaitable[list[Claimed]], permits: int
    ) -> list[list[Claimed]]:
        """What a claim found, by request; the permits without one are given back."""
        requests: list[list[Claimed]] = []
        try:
            requests = _by_attempt(await claim)
        finally:
            self._account.free(max(permits - len(requests), 0))
        return requests

    async def _carry(self, batch: Sequence[Claimed], started: datetime, ready_at: float) -> None:
        permit = _Permit(self._account, ready_at)
        try:
            batch = await self._reconcile(batch, permit)
            if not batch:
                return
            prepared = await self._prepare(batch)
            if prepared.request is None:
                permit.free()
            self._around.tally.note(self._name, self._courier.gap(prepared))
            await permit.ready()
            delivered = await self._courier.deliver(prepared)
        finally:
            permit.over()
        await self._learn(delivered)
        if delivered.is_refused_whole:
            await self._split(batch, prepared, delivered)
        else:
            states = await self._settle(batch, prepared, delivered)
            self._count(states, delivered, started)

    async def _reconcile(self, batch: Sequence[Claimed], permit: "_Permit") -> Sequence[Claimed]:
        """Ask the tool for messages that may have arrived; returns those that should go."""
        going = list(batch)
        for message in batch:
            if not (self._courier.looks_up and message.may_be_sent):
                continue
            since = await self._around.desk.first_claim(message.message_id)
            await permit.ready()
            asked = await self._courier.look_up(message, since)
            permit.over()
            await self._learn(asked.delivered)
            verdict = reconciling.judge(message, is_found=asked.found)
            if asked.delivered.items:
                going.remove(message)
                await self._put_back([message], "no_answer_to_look_up")
            elif verdict is not None:
                going.remove(message)
                await self._settle_asked(message, Delivered([verdict], None))
            if going and (self._is_halted or not await self._permits(1)):
                await self._put_back(going, "no_permit")
                return []
            permit.take() if going else None
        return going

    async def _put_back(self, batch: Sequence[Claimed], why: str) -> None:
        desk = self._around.desk
        states = await desk.settle(put_back(batch, desk.now(), why))
        self._around.tally.change(self._name, states.values())

    async def _settle_asked(self, message: Claimed, found: Delivered) -> None:
        desk = self._around.desk
        answer = self._courier.answer([message], found, desk.now(), None, is_asked=True)
        self._count(await desk.settle(answer), found, wall_clock())

    async def _split(
        self, batch: Sequence[Claimed], prepared: Prepared, delivered: Delivered
    ) -> None:
        """A refused batch goes again in halves, until those that spoil it are alone."""
        desk = self._around.desk
        answer = self._answer(batch, prepared, delivered)
        unsendable = {one.item_id for one in prepared.refused}
        alone = [one for one in answer.verdicts if one.message_id in unsendable]
        self._count(await desk.settle(in_parts(answer, alone)), delivered, wall_clock())
        ids = [one.message.message_id for one in prepared.outgoing]
        middle = (len(ids) + 1) // 2
        for half in (ids[:middle], ids[middle:]):
            await self._send_part(in_parts(answer, [to_split(id_) for id_ in half]))

    async def _send_part(self, refused: Answer) -> None:
        if not await self._permits(1):
            await self._around.desk.settle(refused)
            return
        started, ready_at = wall_clock(), self._account.ready_at
        claim = self._around.desk.reclaim(refused, self._order)
        for request in await self._in_requests(claim, 1):
            self._begin(self._carry(request, started, ready_at))

    async def _prepare(self, batch: Sequence[Claimed]) -> Prepared:
        try:
            return self._courier.prepare(batch)
        except Exception:
            await self._put_back(batch, "not_prepared")
            raise

    def _answer(self, batch: Sequence[Claimed], prepared: Prepared, delivered: Delivered) -> Answer:
        desk = self._around.desk
        digest = desk.digest(prepared.request.content) if prepared.request else None
        return self._courier.answer(batch, delivered, desk.now(), digest)

    async def _settle(
        self, batch: Sequence[Claimed], prepared: Prepared, delivered: Delivered
    ) -> dict[str, str]:
        return await self._around.desk.settle(self._answer(batch, prepared, delivered))

    async def _ask_jobs(self) -> None:
        """Ask for the outcome of what the tool has accepted and not yet applied."""
        if not self._courier.has_jobs:
            return
        for job in await self._around.desk.open_jobs(self._name):
            if self._is_over() or not await self._permits(1):
                return
            await self._ask_job(job)

    async def _ask_job(self, job: OpenJob) -> None:
        permit = _Permit(self._account, self._account.ready_at)
        try:
            await permit.ready()
            asked = await self._courier.ask(job)
        finally:
            permit.over()
        await self._learn(asked.delivered)
        if asked.found is None:
            await self._around.desk.job_is_running(job.attempt_id)
            return
        states = await self._around.desk.record_job(job.attempt_id, asked.found)
        self._around.tally.change(self._name, states.values())

    async def _learn(self, delivered: Delivered) -> None:
        self._unanswered = self._unanswered + 1 if delivered.is_unanswered else 0
        if self._unanswered >= _UNANSWERED_IN_A_ROW:
            self._halt(f"does not answer: {delivered.items[0].reason}")
        self._account.told(delivered.quota)
        throttled = [item for item in delivered.items if item.outcome == "throttled"]
        disabling = [item for item in throttled if item.disable]
        if disabling and not self._is_halted:
            self._halt(f"switched off: {disabling[0].reason}")
            await self._around.desk.stop_destination(self._name, disabling[0].reason)
        elif throttled and not disabling:
            waits = [item.retry_after for item in throttled if item.retry_after is not None]
            self._account.throttled(max(waits, default=None))
        elif delivered.exchange is not None:
            self._account.answered()

    def _halt(self, why: str) -> None:
        self._is_halted = True
        self._around.tally.halt(self._name, why)

    def _count(self, states: dict[str, str], delivered: Delivered, started: datetime) -> None:
        sent_at = delivered.exchange.sent_at if delivered.exchange else None
        wait_ms = (sent_at - started).total_seconds() * 1000 if sent_at else None
        self._around.tally.add(self._name, states.values(), wait_ms)
        if self._around.on_progress is not None:
            self._around.on_progress(self._around.tally.report())


class _Permit:
    """The one permit of a request: given back once, used or not."""

    def __init__(self, account: Account, ready_at: float) -> None:
        self._account = account
        self._ready_at = ready_at
        self._is_held = True

    async def ready(self) -> None:
        """Wait until the bytes may leave."""
        await asyncio.sleep(max(self._ready_at - asyncio.get_running_loop().time(), 0))

    def take(self) -> None:
        """Another one was had."""
        self._ready_at = self._account.ready_at
        self._is_held = True

    def over(self) -> None:
        """The request it was for is over."""
        if self._is_held:
            self._account.over()
        self._is_held = False

    def free(self) -> None:
        """There was no request."""
        if self._is_held:
            self._account.free()
        self._is_held = False


def _by_attempt(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    requests: dict[str, list[Claimed]] = {}
    for message in claimed:
        requests.setdefault(message.attempt_id, []).append(message)
    return list(requests.values())
