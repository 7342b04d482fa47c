"""Permits of one account: windows, open requests, a quota of the day, and what answers teach."""

import asyncio
import contextlib
import math
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from activation.exchange import Limit, Window
from activation.quotas import LONGEST_WAIT, Quota
from baton.journal import Stake

_SLOWER = 0.7
_SLOWEST = 0.05
_FASTER = 1.05
_ANSWERS_TO_SPEED_UP = 20
_PAUSE_SECONDS = 1.0
_GATHER_SECONDS = 0.01
_RENEW_SECONDS = 1.0
LEASE_SECONDS = 5.0
_LEAD_SECONDS = 0.1  # a permit is given while its claim is written, and its bytes wait for the rest
_OPEN = "open"


class Ledger(Protocol):
    """Where all senders of an account meet. Times are seconds from now."""

    async def share(
        self, account: str, stakes: Sequence[Stake], rests: float
    ) -> tuple[Mapping[str, int], float]:
        """What this sender may use of each limit for `LEASE_SECONDS`, and how long all rest."""
        ...

    async def leave(self, account: str, stakes: Sequence[Stake]) -> None:
        """Give it back."""
        ...

    def day(self) -> str:
        """The UTC day."""
        ...


class Gate:
    """One limit: so many requests that are open, or were answered less than `seconds` ago.

    The receiver counts a request between its first byte and its answer. So two that it could count
    in one window of `seconds` are never more than that, whatever its windows and however late it
    counts. Null seconds: those answered count for the rest of the day.
    """

    def __init__(self, name: str, total: int, seconds: float | None) -> None:
        self.name, self.total, self.seconds = name, total, seconds
        self.capacity = total
        self.open = 0
        self._lead = min(_LEAD_SECONDS, seconds / 4) if seconds else 0.0
        self._ready_at = 0.0
        self._used = 0
        self._ended: deque[float] = deque()

    def occupied(self, now: float) -> int:
        """How many count."""
        if self.seconds is None:
            return self.open + self._used
        while self._ended and self._ended[0] <= now - self.seconds:
            self._ended.popleft()
        return self.open + len(self._ended)

    def free(self, now: float, pace: float) -> int:
        """How many more may go at once, or as soon as their claim is written."""
        return self._most(pace) - self.occupied(now) + self._soon(now)

    def next_at(self, now: float, pace: float) -> float:
        """When the next may go, as none may now; infinite if that takes more than time."""
        first = self.occupied(now) - self._most(pace)
        if self.seconds is None or first >= len(self._ended):
            return math.inf
        return self._ended[first] + self.seconds - self._lead

    def take(self, count: int, now: float, pace: float) -> float:
        """Open so many that are free; returns when their bytes may leave.

        One that still counts makes way for one whose bytes wait until it does not.
        """
        early = count - (self._most(pace) - self.occupied(now))
        for _ in range(min(max(early, 0), len(self._ended))):
            self._ready_at = self._ended.popleft() + (self.seconds or 0)
        self.open += count
        return max(self._ready_at, now)

    def over(self, count: int, now: float) -> None:
        """So many open ones are answered."""
        self.open -= count
        if self.seconds is None:
            self._used += count
        else:
            self._ended.extend([now] * count)

    def stake(self, now: float) -> Stake:
        """The same for the ledger."""
        return Stake(self.name, self.total, self.seconds, self.occupied(now))

    def _soon(self, now: float) -> int:
        """How many of those that still count will not, once a claim is written."""
        if not self.seconds:
            return 0
        return bisect_right(self._ended, now + self._lead - self.seconds)

    def _most(self, pace: float) -> int:
        if self.seconds is None:
            return self.capacity
        return math.floor(self.capacity * pace) or min(self.capacity, 1)


class Account:
    """The right to make requests, shared by all destinations of one account.

    With a ledger also by all senders: each keeps to its share, which is renewed while it is used.
    A 429 pauses the account and slows it down, answers bring the pace back. What headers say
    tightens the limits, and never widens them. It waits `patience_seconds` at most while it rests,
    and `share_patience_seconds` (by default as long) while others leave it no share.
    """

    def __init__(
        self,
        name: str,
        limit: Limit,
        *,
        patience_seconds: float = 5.0,
        share_patience_seconds: float | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self.name = name
        self._limit = limit
        self._patience = patience_seconds
        own = share_patience_seconds
        self._share_patience = patience_seconds if own is None else own
        self._ledger = ledger
        self._gates = [_gate(window) for window in limit.windows]
        self._gates.append(Gate(_OPEN, limit.concurrency, 0))
        self._day: Gate | None = None
        self._pace = 1.0
        self._good = 0
        self._rests_until = 0.0
        self._budget, self._budget_until = math.inf, 0.0
        self._ready_at = 0.0
        self._renew_at = math.inf if ledger is None else 0.0
        self._lease_until = self._renew_at
        self._turn, self._renewing = asyncio.Lock(), asyncio.Lock()
        self._changed = asyncio.Event()

    @property
    def pace(self) -> float:
        """The part of the limits that is used now."""
        return self._pace

    @property
    def refusal(self) -> str:
        """Why there is no permit."""
        return "the quota of the day is used" if self._is_spent() else "the account asks to wait"

    async def permits(self, most: int) -> int:
        """Wait for one permit, take as many as are free now, up to `most`; first come first served.

        While most of what may be open is, it waits a moment for more: one claim serves many
        requests. Returns 0 when the account rests, or has no share, for longer than its patience:
        leave the rest.
        """
        async with self._turn:
            if self._gates[-1].open > self._limit.concurrency / 2:
                await asyncio.sleep(_GATHER_SECONDS)
            until = _now() + self._share_patience
            while (count := await self._free(until)) < 1:
                if count < 0:
                    return 0
            count = min(count, most)
            takes = [gate.take(count, _now(), self._pace) for gate in self._all()]
            self._ready_at = max(takes)
            self._budget -= count
            return count

    @property
    def ready_at(self) -> float:
        """When, by the loop's clock, the bytes of what was permitted last may leave."""
        return self._ready_at

    def over(self, count: int = 1) -> None:
        """So many requests are over: answered, or failed."""
        for gate in self._all():
            gate.over(count, _now())
        self._changed.set()

    def free(self, count: int = 1) -> None:
        """Give back permits of requests that were never made."""
        for gate in self._all():
            gate.open -= count
        self._budget += count
        self._changed.set()

    def throttled(self, retry_after: float | None) -> None:
        """Pause as told, and go slower from now on."""
        self._rest(_PAUSE_SECONDS if retry_after is None else min(retry_after, LONGEST_WAIT))
        self._good = 0
        self._pace = max(self._pace * _SLOWER, _SLOWEST)

    def answered(self) -> None:
        """An answer that is no 429: after some of them, go a little faster."""
        self._good += 1
        if self._pace < 1.0 and self._good >= _ANSWERS_TO_SPEED_UP:
            self._good = 0
            self._pace = min(self._pace * _FASTER, 1.0)

    def told(self, quota: Quota) -> None:
        """Keep to what an answer says of the account."""
        for window in quota.windows:
            self._tighten(window)
        if quota.remaining is None or not quota.reset_seconds:
            return
        main = self._gates[0]
        mine = quota.remaining * main.capacity / main.total - self._gates[-1].open
        until = _now() + quota.reset_seconds
        is_same_window = self._budget_until > _now() and abs(until - self._budget_until) <= 1
        self._budget = min(self._budget, mine) if is_same_window else mine
        self._budget_until = until
        self._changed.set()

    async def keep(self) -> None:
        """Renew the share while requests are open; runs until it is cancelled."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            if self._gates[-1].open:
                await self._renew_if_due()

    async def leave(self) -> None:
        """Give the share back."""
        if self._ledger is not None and self._lease_until > 0:
            await self._ledger.leave(self.name, self._stakes())

    async def _free(self, until: float) -> int:
        """How many may go now; 0 after a wait, negative when it would be too long.

        Without a share it waits no longer than `until`.
        """
        await self._renew_if_due(needs_more=self._is_spent())
        now = _now()
        if self._is_spent() or self._rests_until - now > self._patience:
            return -1
        if now >= self._lease_until:
            return 0
        has_share = all(gate.capacity for gate in self._all())
        if not has_share and now >= until:
            return -1
        waits = [self._budget_until] if now < self._budget_until and self._budget < 1 else []
        waits += [self._rests_until] if now < self._rests_until else []
        frees = [gate.free(now, self._pace) for gate in self._all()]
        pairs = zip(self._all(), frees, strict=True)
        waits += [gate.next_at(now, self._pace) for gate, free in pairs if free < 1]
        if not waits:
            budget = self._budget if now < self._budget_until else math.inf
            return math.floor(min(*frees, budget))
        longest = math.inf if has_share else until
        await self._wait_until(min(max(waits), self._renew_at, longest))
        return 0

    async def _wait_until(self, at: float) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at if at < math.inf else None):
                await self._changed.wait()

    async def _renew_if_due(self, *, needs_more: bool = False) -> None:
        if self._ledger is None or (_now() < self._renew_at and not needs_more):
            return
        async with self._renewing:
            if _now() < self._renew_at and not needs_more:
                return
            self._turn_day(self._ledger.day())
            began, rests = _now(), max(self._rests_until - _now(), 0)
            amounts, rest = await self._ledger.share(self.name, self._stakes(), rests)
            for gate in self._all():
                gate.capacity = amounts.get(gate.name, gate.capacity)
            self._rest(rest)
            self._renew_at, self._lease_until = began + _RENEW_SECONDS, began + LEASE_SECONDS

    def _turn_day(self, day: str) -> None:
        if self._limit.daily is None or (self._day and self._day.name == day):
            return
        fresh = Gate(day, self._limit.daily, None)
        fresh.open = self._gates[-1].open
        self._day = fresh

    def _is_spent(self) -> bool:
        return self._day is not None and self._day.occupied(_now()) >= self._day.capacity

    def _tighten(self, told: Window) -> None:
        fresh = _gate(told)
        for gate in self._gates[:-1]:
            if gate.seconds == fresh.seconds:
                gate.total = min(gate.total, fresh.total)
                gate.capacity = min(gate.capacity, gate.total)
                return
        fresh.open = self._gates[-1].open
        fresh.capacity = 0 if self._ledger else fresh.total
        self._renew_at = min(self._renew_at, _now()) if self._ledger else self._renew_at
        self._gates.insert(len(self._gates) - 1, fresh)

    def _rest(self, seconds: float) -> None:
        if seconds > 0:
            self._rests_until = max(self._rests_until, _now() + seconds)
            self._changed.set()

    def _all(self) -> list[Gate]:
        return [*self._gates, self._day] if self._day else self._gates

    def _stakes(self) -> list[Stake]:
        now = _now()
        return [gate.stake(now) for gate in self._all()]


def _gate(window: Window) -> Gate:
    """A window as whole requests: less than one in a time is one in a longer time."""
    total = math.floor(window.rate)
    if total < 1:
        total, window = 1, Window(1, window.per_seconds / window.rate)
    return Gate(f"{window.per_seconds:g}s", total, window.per_seconds)


def _now() -> float:
    return asyncio.get_running_loop().time()
