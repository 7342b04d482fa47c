"""Requests of one destination: carried there, and what is learnt of the answers recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime

from activation import reconciling
from activation.config import Destination
from activation.courier import Courier, Delivered, Prepared, in_parts, put_back, to_split
from activation.desk import Desk
from activation.limits import Account
from activation.permits import Permit, permits
from activation.report import SendReport, Tally
from activation.templates import Templates
from activation.transports import Transports
from baton.journal import Answer, Claimed, ClaimOrder, OpenJob
from baton.journal.clock import wall_clock

_UNANSWERED_IN_A_ROW = 5
Begin = Callable[[Coroutine[None, None, None]], None]


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


class Carrier:
    """Carries the requests of one destination, until it does not answer or must be left.

    `begin` starts what is to be done beside the request that is being carried.
    """

    def __init__(
        self, destination: Destination, account: Account, around: Surroundings, begin: Begin
    ) -> None:
        facts = destination.call("messages").facts
        self._name = destination.name
        self._account = account
        self._around = around
        self._begin = begin
        self._courier = Courier(destination, around.templates, around.transports)
        self._unanswered = 0
        self.is_halted = False
        self.order = ClaimOrder(
            facts.retry_class,
            facts.batch,
            around.checked_within_minutes,
            has_lookup=self._courier.looks_up,
        )

    def start(self) -> None:
        """Forget why the last run was halted."""
        self.is_halted, self._unanswered = False, 0

    async def permits(self, most: int) -> int:
        """Permits, as soon as there are any; 0 when stopped or when the account must be left."""
        had = await permits(self._account, most, self._around.stop)
        if had == 0:
            self._halt(self._account.refusal)
        return had or 0

    async def carry(self, batch: Sequence[Claimed], started: datetime, ready_at: float) -> None:
        """Send one request that was claimed, and record what became of it."""
        permit = Permit(self._account, ready_at)
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

    async def _reconcile(self, batch: Sequence[Claimed], permit: Permit) -> Sequence[Claimed]:
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
            if going and (self.is_halted or not await self.permits(1)):
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
        if not await self.permits(1):
            await self._around.desk.settle(refused)
            return
        started, ready_at = wall_clock(), self._account.ready_at
        claim = self._around.desk.reclaim(refused, self.order)
        for request in await self.in_requests(claim, 1):
            self._begin(self.carry(request, started, ready_at))

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

    async def ask_jobs(self, is_over: Callable[[], bool]) -> None:
        """Ask for the outcome of what the tool has accepted and not yet applied."""
        if not self._courier.has_jobs:
            return
        for job in await self._around.desk.open_jobs(self._name):
            if is_over() or not await self.permits(1):
                return
            await self._ask_job(job)

    async def _ask_job(self, job: OpenJob) -> None:
        permit = Permit(self._account, self._account.ready_at)
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
        if disabling and not self.is_halted:
            self._halt(f"switched off: {disabling[0].reason}")
            await self._around.desk.stop_destination(self._name, disabling[0].reason)
        elif throttled and not disabling:
            waits = [item.retry_after for item in throttled if item.retry_after is not None]
            self._account.throttled(max(waits, default=None))
        elif delivered.exchange is not None:
            self._account.answered()

    async def in_requests(
        self, claim: Awaitable[list[Claimed]], permits: int
    ) -> list[list[Claimed]]:
        """What a claim found, by request; the permits without one are given back."""
        requests: list[list[Claimed]] = []
        try:
            requests = _by_attempt(await claim)
        finally:
            self._account.free(max(permits - len(requests), 0))
        return requests

    def _halt(self, why: str) -> None:
        self.is_halted = True
        self._around.tally.halt(self._name, why)

    def _count(self, states: dict[str, str], delivered: Delivered, started: datetime) -> None:
        sent_at = delivered.exchange.sent_at if delivered.exchange else None
        wait_ms = (sent_at - started).total_seconds() * 1000 if sent_at else None
        self._around.tally.add(self._name, states.values(), wait_ms)
        if self._around.on_progress is not None:
            self._around.on_progress(self._around.tally.report())


def _by_attempt(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    requests: dict[str, list[Claimed]] = {}
    for message in claimed:
        requests.setdefault(message.attempt_id, []).append(message)
    return list(requests.values())
