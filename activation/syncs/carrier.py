"""One sync's way to its tool: permit, request on record, bytes, one verdict per row."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from activation.config import Destination
from activation.exchange import (
    Call,
    Exchange,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Request,
    Unsendable,
    same_for_all,
)
from activation.limits import Account
from activation.quotas import read_quota
from activation.syncs.blocked import Blocks
from activation.syncs.desk import SyncDesk
from activation.syncs.parts import Part, Parts
from activation.syncs.verdicts import complete, is_of_caller, judged_of, opted_out
from baton.journal.clock import wall_clock
from baton.journal.sync_records import SyncAnswer
from baton.journal.sync_writes import REFUSALS

Send = Callable[[Request], Awaitable[Exchange]]

_GROUP = 8
_MOST_OPEN = 2 * _GROUP  # an answer counts as open until it is on record
_TRIES = 4
_UNANSWERED_IN_A_ROW = 5
_FRUITLESS_IN_A_ROW = 20
_LEFT = frozenset({"throttled", "not_sent", "ambiguous"})
_COSTLY = frozenset({"not_sent", "ambiguous"})


@dataclass
class Tally:
    """Rows by what became of them; `refused` by reason.

    `answered` are the rows to tell that the tool has taken or refused; `is_switched_off` when a
    switch has kept some from it.
    """

    counts: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    answered: int = 0
    requests: int = 0
    halted: str | None = None
    is_switched_off: bool = False


@dataclass(frozen=True)
class Pace:
    """How a job is asked after: seconds before the first time, the longest wait, and in all."""

    first: float = 1.0
    longest: float = 30.0
    total: float = 600.0


class Carrier:
    """Tells a tool the parts of a plan. What is left untold stays for the next run.

    Unless `heeds_switches` is false, a switch keeps rows from the tool, but no removal.
    """

    def __init__(
        self,
        call: Call,
        destination: Destination,
        *,
        account: Account,
        send: Send,
        desk: SyncDesk,
        parts: Parts,
        blocks: Blocks,
        tally: Tally,
        stop: Callable[[], bool],
        pace: Pace,
        on_progress: Callable[[Mapping[str, int]], None],
        heeds_switches: bool = True,
    ) -> None:
        self._call = call
        self._name = destination.name
        self._settings = destination.settings
        self._account = account
        self._send = send
        self._desk = desk
        self._parts = parts
        self._blocks = blocks
        self.tally = tally
        self._stop = stop
        self._pace = pace
        self._on_progress = on_progress
        self._heeds_switches = heeds_switches
        self._is_stopped = False
        self._again: deque[Part] = deque()
        self._open: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        self._fruitless = 0

    async def run(self, parts: Iterator[Part]) -> None:
        """Send until nothing is left, the tool does not answer, or somebody says stop."""
        try:
            while await self._next_group(parts):
                pass
        finally:
            ends = await asyncio.gather(*self._open, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _next_group(self, parts: Iterator[Part]) -> bool:
        if self._stop():
            self._halt("stopped")
        if self.tally.halted or any(one.done() and one.exception() for one in self._open):
            return False
        while len(running := [one for one in self._open if not one.done()]) >= _MOST_OPEN:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        permits = await self._account.permits(_GROUP)
        if permits == 0:
            self._halt("the account asks to wait")
            return False
        try:
            await self._ask_journal()
            group = [] if self.tally.halted else self._take(parts, permits)
            ready = [one for part in group for one in self._prepared(part)]
            if erased := await self._desk.open([part.request() for part, _ in ready]):
                self._put_back([part for part, _ in ready], erased)
                ready = []
        except BaseException:
            self._account.free(permits)
            raise
        self._account.free(permits - min(permits, len(ready)))
        ready_at = self._account.ready_at
        self._open = {task for task in self._open if not task.done() or task.exception()}
        for number, (part, request) in enumerate(ready):
            owns_permit = number < permits
            way = self._carry(part, request, ready_at if owns_permit else None)
            task = asyncio.create_task(way)
            self._open.add(task)
        return bool(group) or await self._one_is_over()

    async def _one_is_over(self) -> bool:
        running = [task for task in self._open if not task.done()]
        if running:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        return bool(running or self._again)

    async def _ask_journal(self) -> None:
        """Which addresses have said no, and whether a switch stops the tool."""
        await self._desk.do(self._blocks.refresh)
        if self._heeds_switches and not self._is_stopped:
            self._is_stopped = await self._desk.is_stopped(self._name)

    def _take(self, parts: Iterator[Part], most: int) -> list[Part]:
        group: list[Part] = []
        while len(group) < most:
            part = self._again.popleft() if self._again else next(parts, None)
            if part is None:
                break
            if self._is_stopped and part.op == "upsert":
                self.tally.is_switched_off = True
                continue
            group.append(part)
        return group

    def _put_back(self, parts: Sequence[Part], erased: set[str]) -> None:
        """Let parts come again without the rows to tell of people who were erased."""
        for part in parts:
            tells = part.op == "upsert"
            rows = [n for n, one in enumerate(part.told) if not (tells and one.row_key in erased)]
            self.tally.counts["blocked"] += len(part.told) - len(rows)
            if rows:
                self._again.append(part.only(rows, tries=part.tries))

    def _prepared(self, part: Part) -> list[tuple[Part, Request | ItemVerdict]]:
        """The part without addresses that have said no meanwhile, and its request.

        Rows that no request can be made of are halved until they stand alone.
        """
        part = self._without_blocked(part)
        if not part.told:
            return []
        try:
            return [(part, self._call.build(part.changes, self._settings, wall_clock()))]
        except Unsendable as error:
            if len(part.told) == 1:
                refusal = ItemVerdict(part.told[0].row_key, "rejected", error.reason)
                return [(part, refusal)]
            return [one for half in part.halves() for one in self._prepared(half)]

    def _without_blocked(self, part: Part) -> Part:
        if part.op == "remove" or not part.addresses:
            return part
        stopped = self._blocks.stopped(part.addresses, part.consent_at)
        if not any(stopped):
            return part
        rows = [number for number, no in enumerate(stopped) if no and part.held[number]]
        self._again.extend(self._parts.removal_of(part, rows))
        self.tally.counts["blocked"] += sum(stopped)
        return part.only([n for n, no in enumerate(stopped) if not no], tries=part.tries)

    async def _carry(
        self, part: Part, request: Request | ItemVerdict, ready_at: float | None
    ) -> None:
        """Send one part; `ready_at` is null for one that has no permit yet."""
        if isinstance(request, ItemVerdict):
            if ready_at is not None:
                self._account.free()
            await self._settle(part, [request], None, None)
            return
        if ready_at is None and not await self._account.permits(1):
            self._again.append(part.again())
            await self._settle(
                part, same_for_all(part.changes, "not_sent", "no_permit"), None, None
            )
            return
        if not await self._may_leave(part, ready_at or self._account.ready_at):
            self._again.append(part.again())
            await self._settle(part, same_for_all(part.changes, "not_sent", "blocked"), None, None)
            return
        exchange = await self._sent(request)
        verdicts = self._call.verdicts(exchange.response, part.changes)
        verdicts = complete(await self._followed(exchange, verdicts, part), part)
        await self._learn(exchange, verdicts, part)
        verdicts = self._sent_on(verdicts, part)
        content = getattr(request, "content", b"")
        await self._settle(part, verdicts, exchange, self._desk.digest(content))

    async def _may_leave(self, part: Part, ready_at: float) -> bool:
        """Wait for the permit's time; then no address may have said no. Else the permit is free."""
        may_leave = False
        try:
            await _wait_until(ready_at)
            if part.op == "upsert" and part.addresses:
                await self._desk.do(self._blocks.refresh)
                may_leave = not any(self._blocks.stopped(part.addresses, part.consent_at))
            else:
                may_leave = True
        finally:
            if not may_leave:
                self._account.free()
        return may_leave

    async def _followed(
        self, exchange: Exchange, verdicts: list[ItemVerdict], part: Part
    ) -> list[ItemVerdict]:
        """Accepted is not applied: the verdicts of the job, where the answer names one."""
        job, answer = self._call.job, exchange.response
        job_id = job.id_of(answer) if job and isinstance(answer, HttpAnswer) else None
        if job is None or job_id is None:
            return verdicts
        waited, wait = 0.0, self._pace.first
        while waited < self._pace.total and not self._stop():
            await asyncio.sleep(wait)
            waited, wait = waited + wait, min(2 * wait, self._pace.longest)
            said = await self._asked(job.build(job_id, self._settings))
            found = job.verdicts(said, part.changes) if said else None
            if found is not None:
                return found
            job_id = (job.id_of(said) if said else None) or job_id
        return same_for_all(part.changes, "ambiguous", "job_unfinished")

    async def _asked(self, request: HttpRequest) -> HttpAnswer | None:
        if not await self._account.permits(1):
            return None
        try:
            await _wait_until(self._account.ready_at)
        except BaseException:
            self._account.free()
            raise
        response = (await self._sent(request)).response
        return response if isinstance(response, HttpAnswer) else None

    async def _sent(self, request: Request) -> Exchange:
        """Send with a permit, which is over with the answer."""
        try:
            return await self._send(request)
        finally:
            self._account.over()

    async def _learn(self, exchange: Exchange, verdicts: Sequence[ItemVerdict], part: Part) -> None:
        self.tally.requests += 1
        outcomes = {one.outcome for one in verdicts}
        no_answer = isinstance(exchange.response, Failure) or "ambiguous" in outcomes
        self._unanswered = self._unanswered + 1 if no_answer else 0
        fruitless = outcomes == {"rejected"}
        self._fruitless = self._fruitless + 1 if fruitless else 0
        if isinstance(exchange.response, HttpAnswer):
            self._account.told(read_quota(exchange.response.headers, exchange.answered_at))
        waits = [one.retry_after for one in verdicts if one.outcome == "throttled"]
        disabling = next((one for one in verdicts if one.disable), None)
        if waits and not disabling:
            self._account.throttled(max((wait for wait in waits if wait), default=None))
        elif not disabling:
            self._account.answered()
        if disabling:
            self._halt(disabling.reason)
            await self._switch_off(disabling.reason)
        elif fruitless and is_of_caller(verdicts):
            self._halt(verdicts[0].reason)
        elif self._unanswered >= _UNANSWERED_IN_A_ROW:
            self._halt(f"does not answer: {verdicts[0].reason}")
        elif fruitless and len(part.told) > 1 and self._fruitless >= _FRUITLESS_IN_A_ROW:
            self._halt(f"refuses everything: {verdicts[0].reason}")

    async def _switch_off(self, reason: str) -> None:
        if not self._is_stopped:
            self._is_stopped = True
            await self._desk.stop_destination(self._name, reason)

    def _sent_on(self, verdicts: list[ItemVerdict], part: Part) -> list[ItemVerdict]:
        """What goes back into the queue: halves of what was refused whole, and what may yet go."""
        whole = len({one.reason for one in verdicts}) == 1 and verdicts[0].outcome == "rejected"
        if whole and (is_of_caller(verdicts) or (len(part.told) > 1 and self.tally.halted)):
            self._again.append(part.again())
            return same_for_all(part.changes, "not_sent", verdicts[0].reason)
        if whole and len(part.told) > 1:
            self._again.extendleft(reversed(part.halves()))
            return same_for_all(part.changes, "not_sent", "halved")
        number_of = {one.row_key: number for number, one in enumerate(part.told)}
        again = [number_of[one.item_id] for one in verdicts if one.outcome in _LEFT]
        tries = part.tries + any(one.outcome in _COSTLY for one in verdicts)
        if again and tries < _TRIES:
            self._again.append(part.only(again, tries=tries))
        return verdicts

    async def _settle(
        self,
        part: Part,
        verdicts: Sequence[ItemVerdict],
        exchange: Exchange | None,
        digest: str | None,
    ) -> None:
        judged = judged_of(part, verdicts)
        answer = SyncAnswer(
            part.request(),
            judged,
            sent_at=exchange.sent_at if exchange else None,
            answered_at=exchange.answered_at if exchange else None,
            request_hash=digest,
            opted_out=opted_out(part, verdicts, self._blocks.channel),
        )
        await self._desk.settle(answer)
        for one in judged:
            if one.outcome == "accepted":
                done = "told" if part.op == "upsert" else "taken_back"
                self.tally.counts[done] += len(one.rows)
            elif one.outcome in REFUSALS:
                self.tally.counts["refused"] += len(one.rows)
                self.tally.refused[one.reason] += len(one.rows)
            if part.op == "upsert" and one.outcome in ("accepted", *REFUSALS):
                self.tally.answered += len(one.rows)
        self._on_progress(self.tally.counts)

    def _halt(self, why: str) -> None:
        self.tally.halted = self.tally.halted or why


async def _wait_until(at: float) -> None:
    await asyncio.sleep(max(at - asyncio.get_running_loop().time(), 0))
