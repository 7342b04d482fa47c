"""One destination's way: permit first, then claim, then bytes at once, then verdicts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from activation.config import Destination
from activation.courier import Courier, Delivered, Prepared, put_back
from activation.desk import Desk
from activation.exchange import ItemVerdict
from activation.limits import Account
from activation.report import SendReport, Tally
from activation.templates import Templates
from activation.transports import Transports
from baton.journal import Claimed, ClaimOrder
from baton.journal.clock import wall_clock

_UNANSWERED_IN_A_ROW = 5
_GROUP = 50


@dataclass(frozen=True)
class Surroundings:
    """What all destinations of one call share."""

    desk: Desk
    transports: Transports
    templates: Templates
    tally: Tally
    checked_within_minutes: float
    on_progress: Callable[[SendReport], None]


class Pump:
    """Sends what one destination can take, until nothing is due or it does not answer."""

    def __init__(self, destination: Destination, account: Account, around: Surroundings) -> None:
        facts = destination.call("messages").facts
        self._name = destination.name
        self._account = account
        self._around = around
        self._courier = Courier(destination, around.templates, around.transports)
        self._order = ClaimOrder(facts.retry_class, facts.batch, around.checked_within_minutes)
        self._open: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        self._is_halted = False

    async def run(self) -> None:
        """Send until nothing is due, then wait for what is open."""
        try:
            while not self._is_halted and await self._next_group():
                pass
        finally:
            ends = await asyncio.gather(*self._open, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _next_group(self) -> bool:
        permits = await self._account.permits(_GROUP)
        if permits == 0:
            self._halt("the account asks to wait")
            return False
        started = wall_clock()
        requests = await self._claim(permits)
        self._account.free(permits - len(requests))
        self._open = {task for task in self._open if not task.done() or task.exception()}
        self._open |= {asyncio.create_task(self._carry(one, started)) for one in requests}
        return bool(requests) or await self._one_is_over()

    async def _one_is_over(self) -> bool:
        running = [task for task in self._open if not task.done()]
        if not running:
            return False
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def _claim(self, permits: int) -> list[list[Claimed]]:
        if self._is_halted:
            return []
        most = permits * self._order.per_request
        requests: dict[str, list[Claimed]] = {}
        for message in await self._around.desk.claim(self._name, most, self._order):
            requests.setdefault(message.attempt_id, []).append(message)
        return list(requests.values())

    async def _carry(self, batch: Sequence[Claimed], started: datetime) -> None:
        try:
            prepared = await self._prepare(batch)
            self._around.tally.note(self._name, self._courier.gap(prepared))
            delivered = await self._courier.deliver(prepared)
            await self._learn(delivered)
            states = await self._settle(batch, prepared, delivered)
        finally:
            self._account.free()
        self._count(states, delivered, started)

    async def _prepare(self, batch: Sequence[Claimed]) -> Prepared:
        try:
            return self._courier.prepare(batch)
        except Exception:
            await self._around.desk.settle(put_back(batch, self._around.desk.now()))
            raise

    async def _settle(
        self, batch: Sequence[Claimed], prepared: Prepared, delivered: Delivered
    ) -> dict[str, str]:
        desk = self._around.desk
        digest = desk.digest(prepared.request.content) if prepared.request else None
        return await desk.settle(self._courier.answer(batch, delivered, desk.now(), digest))

    async def _learn(self, delivered: Delivered) -> None:
        self._unanswered = self._unanswered + 1 if delivered.is_unanswered else 0
        if self._unanswered >= _UNANSWERED_IN_A_ROW:
            self._halt(f"does not answer: {delivered.items[0].reason}")
        for item in delivered.items:
            await self._learn_from(item)

    async def _learn_from(self, item: ItemVerdict) -> None:
        if item.disable and not self._is_halted:
            self._halt(f"switched off: {item.reason}")
            await self._around.desk.stop_destination(self._name, item.reason)
        elif item.outcome == "throttled":
            self._account.throttled(item.retry_after)
        else:
            self._account.answered()

    def _halt(self, why: str) -> None:
        self._is_halted = True
        self._around.tally.halt(self._name, why)

    def _count(self, states: dict[str, str], delivered: Delivered, started: datetime) -> None:
        sent_at = delivered.exchange.sent_at if delivered.exchange else None
        wait_ms = (sent_at - started).total_seconds() * 1000 if sent_at else None
        self._around.tally.add(self._name, states.values(), wait_ms)
        self._around.on_progress(self._around.tally.report())
