"""Keeps sending until stopped: each destination's pump runs when there is something for it."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import Protocol

from activation.desk import Desk
from activation.report import Tally
from baton.errors import UsageError

_QUICK_SECONDS = 0.025
_IDLE_SECONDS = 0.1
_BUSY_FOR_SECONDS = 5.0
_FULL_LOOK_SECONDS = 1.0
_NOTHING_SECONDS = 0.25
_RECOVER_SECONDS = 5.0
_FIRST_REST_SECONDS = 5.0
_LONGEST_REST_SECONDS = 300.0


class Runner(Protocol):
    """What sends to one destination: `run` until nothing is due; true when it found something."""

    wake: asyncio.Event

    async def run(self) -> bool: ...

    @property
    def is_halted(self) -> bool: ...


class Watch:
    """Looks for work and runs the pumps; a destination in trouble rests, longer each time."""

    def __init__(
        self,
        desk: Desk,
        make: Callable[[str], Runner],
        tally: Tally,
        *,
        checked_within_minutes: float,
        only: Collection[str] | None,
    ) -> None:
        self._desk = desk
        self._make = make
        self._tally = tally
        self._minutes = checked_within_minutes
        self._only = only
        self._pumps: dict[str, Runner] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, float] = {}
        self._rest_until: dict[str, float] = {}
        self._stamp: tuple[int, int] | None = None
        self._full_look_at = 0.0
        self._busy_until = 0.0
        self._recover_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set, or by an error, which sets it; wait for what is in flight."""
        try:
            while not stop.is_set():
                names = await self._look()
                self._raise_failures()  # before a pump that failed is started anew
                for name in names:
                    self._start(name)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pause())
        finally:
            stop.set()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._raise_failures()

    async def _look(self) -> list[str]:
        """The destinations there is something for, if anything may have changed."""
        now = _now()
        if now >= self._recover_at:
            self._recover_at = now + _RECOVER_SECONDS
            self._tally.recover(await self._desk.recover())
        stamp = await self._desk.stamp()
        if stamp == self._stamp and now < self._full_look_at:
            return []
        if stamp != self._stamp:
            self._busy_until = now + _BUSY_FOR_SECONDS
        self._stamp, self._full_look_at = stamp, now + _FULL_LOOK_SECONDS
        due = await self._desk.due(self._minutes)
        return [name for name in due if self._only is None or name in self._only]

    def _start(self, name: str) -> None:
        if name in self._running and not self._running[name].done():
            self._pumps[name].wake.set()
        elif _now() >= self._rest_until.get(name, 0):
            self._running[name] = asyncio.create_task(self._serve(name))

    async def _serve(self, name: str) -> None:
        try:
            pump = self._pumps.get(name) or self._make(name)
            self._pumps[name] = pump
            has_found = await pump.run()
        except UsageError as error:
            self._tally.halt(name, error.what)
            self._rest_longer(name)
            return
        if pump.is_halted:
            self._rest_longer(name)
            return
        self._rests.pop(name, None)
        self._tally.go_on(name)
        if not has_found:
            self._rest_until[name] = _now() + _NOTHING_SECONDS

    def _rest_longer(self, name: str) -> None:
        rest = min(self._rests.get(name, _FIRST_REST_SECONDS / 2) * 2, _LONGEST_REST_SECONDS)
        self._rests[name] = rest
        self._rest_until[name] = _now() + rest

    def _raise_failures(self) -> None:
        for task in self._running.values():
            if task.done() and (error := task.exception()) is not None:
                raise error

    def _pause(self) -> float:
        return _QUICK_SECONDS if _now() < self._busy_until else _IDLE_SECONDS


def _now() -> float:
    return asyncio.get_running_loop().time()
