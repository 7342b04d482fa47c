"""Several sender processes on one journal, started, stopped and summed up as one."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from activation.config import DestinationsConfig
from activation.report import SendReport, merged
from activation.sender import send
from baton.errors import BatonError
from baton.journal import Journal

_LOOK_SECONDS = 0.2
_End = SendReport | BatonError


@dataclass(frozen=True)
class Restarts:
    """When a worker that died is started again: after waits that double, so often in a row.

    One that has lived for `well_seconds` begins a new row.
    """

    most: int = 5
    first_seconds: float = 1.0
    well_seconds: float = 60.0

    def wait_seconds(self, deaths: int) -> float | None:
        """The wait after so many deaths in a row (from 1), null when it was once too often."""
        return self.first_seconds * 2 ** (deaths - 1) if deaths <= self.most else None


def send_by_workers(
    count: int,
    target: str,
    *,
    only: Collection[str] | None = None,
    watch: bool = False,
    restarts: Restarts = Restarts(),  # a frozen value
    say: Callable[[str], None] = lambda _line: None,
) -> SendReport:
    """Send from the journal at a path or URL by so many processes; from the main thread only.

    SIGTERM and SIGINT are passed on, so that each ends once what is in flight has its verdict; they
    end too when this process dies. Each leads a session of its own: a terminal's Ctrl-C comes to
    this process alone. A worker that was killed is told of, and started again as
    `restarts` allows; what it had sent is in the journal, not in the report. Raises the first
    error of a worker, and BatonError when one died too often, or while all were to stop.
    """
    begin = partial(_begin, target, only, watch)
    crew = [_Place(number, begin, restarts, say) for number in range(1, count + 1)]
    with _passing_on(crew):
        ends = _ends_of(crew)
    for end in ends:
        if isinstance(end, BatonError):
            raise end
    return merged([end for end in ends if isinstance(end, SendReport)])


class _Place:
    """One worker after another, until one comes to its end; `end` is null before."""

    def __init__(
        self,
        number: int,
        begin: Callable[[], tuple[BaseProcess, Any]],
        restarts: Restarts,
        say: Callable[[str], None],
    ) -> None:
        self.end: _End | None = None
        self.pipe: Any = None
        self._number, self._begin, self._restarts, self._say = number, begin, restarts, say
        self._worker: BaseProcess | None = None
        self._deaths = 0
        self._start_at = self._started_at = 0.0
        self._is_stopping = False

    def start_if_due(self) -> None:
        """Start a worker if there is none and its time has come."""
        if self._is_stopping and self.pipe is None:
            self.end = _died()
        elif self.pipe is None and time.monotonic() >= self._start_at:
            self._started_at = time.monotonic()
            self._worker, self.pipe = self._begin()
            if self._is_stopping:
                self._worker.terminate()

    def hear(self) -> None:
        """Take what the worker says at its end, or notice that it can say nothing any more."""
        pipe, self.pipe = self.pipe, None
        with pipe:
            try:
                self.end = pipe.recv()
            except EOFError:
                self.end = None
        if self._worker is not None:
            self._worker.join()
        if self.end is None:
            self._mourn(self._worker.exitcode if self._worker else None)

    def stop(self) -> None:
        """Let the worker end, and start no other one."""
        self._is_stopping = True
        if self._worker is not None:
            self._worker.terminate()

    def _mourn(self, exit_code: int | None) -> None:
        has_lived = time.monotonic() - self._started_at >= self._restarts.well_seconds
        self._deaths = 1 if has_lived else self._deaths + 1
        pause = None if self._is_stopping else self._restarts.wait_seconds(self._deaths)
        if pause is None:
            self.end = _died()
            return
        self._start_at = time.monotonic() + pause
        self._say(f"worker {self._number} died ({_cause(exit_code)}): again in {pause:g} s")


def _ends_of(crew: Sequence[_Place]) -> list[_End | None]:
    while open_ := [place for place in crew if place.end is None]:
        for place in open_:
            place.start_if_due()
        pipes = {place.pipe: place for place in open_ if place.pipe is not None}
        for pipe in wait(list(pipes), _LOOK_SECONDS):
            pipes[pipe].hear()
    return [place.end for place in crew]


def _begin(target: str, only: Collection[str] | None, watch: bool) -> tuple[BaseProcess, Any]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=_work, args=(there, target, only, watch))
    worker.start()
    there.close()
    return worker, here


def _work(there: Any, target: str, only: Collection[str] | None, watch: bool) -> None:
    os.setsid()
    threading.Thread(target=_end_with_parent, args=(there,), daemon=True).start()
    try:
        with Journal.open(target) as journal:
            config = DestinationsConfig.load()
            end: _End = send(
                journal, config, now=journal.now, only=only, watch=watch, heed_signals=True
            )
    except BatonError as error:
        end = BatonError(str(error))
        end.exit_code = error.exit_code
    there.send(end)


def _end_with_parent(there: Any) -> None:
    """The parent never writes: what ends the wait is its end."""
    with suppress(EOFError, OSError):
        there.recv()
    os.kill(os.getpid(), signal.SIGTERM)


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"


def _died() -> BatonError:
    return BatonError(
        "a worker died",
        where="baton send --workers",
        mend="its claims are settled by the next sender; look for its error above",
    )


@contextmanager
def _passing_on(crew: Sequence[_Place]) -> Generator[None]:
    def pass_on(*_: object) -> None:
        for place in crew:
            place.stop()

    before = {one: signal.signal(one, pass_on) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
