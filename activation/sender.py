"""The sender: drains what can be claimed now, or watches, and records what became of it."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from activation.accounts import Accounts, open_accounts
from activation.carrying import Surroundings
from activation.config import Destination, DestinationsConfig
from activation.desk import Desk
from activation.pump import Pump
from activation.report import SendReport, Tally
from activation.templates import Templates
from activation.transports import open_transports
from activation.watching import Watch
from baton.journal import Journal

_TURN_SECONDS = 0.0005
_ONE_STOP_SECONDS = 2.0
Progress = Callable[[SendReport], None]


@dataclass(frozen=True)
class _Order:
    """What is asked of a sender."""

    only: Collection[str] | None
    is_watch: bool
    heeds_signals: bool
    on_progress: Progress | None


def send(
    journal: Journal,
    config: DestinationsConfig,
    *,
    now: Callable[[], datetime],
    only: Collection[str] | None = None,
    on_progress: Progress | None = None,
    watch: bool = False,
    heed_signals: bool = False,
) -> SendReport:
    """Send what is due now to all destinations, or `only` some; what is due later stays.

    Any number of senders may work at once; claims that dead ones left are settled first. `now` is
    the journal's clock; signatures, dates and limits use the wall clock. With `watch` it goes on
    until stopped. With `heed_signals` (main thread only) SIGTERM and SIGINT end it once what is in
    flight has its verdict; one that comes two seconds later ends it at once. Raises UsageError when
    a destination with waiting messages is unknown or lacks a setting, Busy when the journal is
    lost; a watching sender reports such a destination as halted.
    """
    with journal.working() as worker:
        tally = Tally(journal.recover(now()))
        destinations = _with_work(journal, config, only) if not watch else []
        desk = Desk(journal, now, worker)
        order = _Order(only, watch, heed_signals, on_progress)
        try:
            with _short_turns():
                asyncio.run(_work(destinations, config, desk, tally, order))
        finally:
            desk.close()
        return tally.report(journal.waiting())


@contextmanager
def _short_turns() -> Generator[None]:
    """Let the loop and the journal's thread take turns ten times as often as Python does.

    Each of a claim's statements lets the loop in; with 5 ms a turn a claim takes twice as long.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _with_work(
    journal: Journal, config: DestinationsConfig, only: Collection[str] | None
) -> list[Destination]:
    for name in only or ():
        config.destination(name)
    named = {**journal.waiting(), **journal.running_jobs()}
    wanted = [name for name in named if only is None or name in only]
    destinations = [config.destination(name) for name in wanted]
    for destination in destinations:
        destination.call("messages")
    return destinations


async def _work(
    destinations: Collection[Destination],
    config: DestinationsConfig,
    desk: Desk,
    tally: Tally,
    order: _Order,
) -> None:
    stop = asyncio.Event()
    with _signals(stop) if order.heeds_signals else contextlib.nullcontext():
        async with open_transports() as transports, open_accounts(config, desk.shares) as accounts:
            around = Surroundings(
                desk=desk,
                transports=transports,
                templates=Templates(config.templates),
                tally=tally,
                checked_within_minutes=config.checked_within_minutes,
                on_progress=order.on_progress,
                stop=stop,
            )
            if order.is_watch:
                await _watch(config, accounts, around, order)
            else:
                await _drain([Pump(one, accounts.of(one), around) for one in destinations])


async def _drain(pumps: Collection[Pump]) -> None:
    ends = await asyncio.gather(*(pump.run() for pump in pumps), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


async def _watch(
    config: DestinationsConfig, accounts: Accounts, around: Surroundings, order: _Order
) -> None:
    def make(name: str) -> Pump:
        destination = config.destination(name)
        return Pump(destination, accounts.of(destination), around)

    watch = Watch(
        around.desk,
        make,
        around.tally,
        checked_within_minutes=config.checked_within_minutes,
        only=order.only,
    )
    await watch.run(around.stop)


@contextmanager
def _signals(stop: asyncio.Event) -> Generator[None]:
    """SIGTERM and SIGINT set `stop`; after a moment they act as they always do.

    One stop may come as two signals: to the process, and to its group or from its parent.
    """
    loop = asyncio.get_running_loop()
    heeded = (signal.SIGTERM, signal.SIGINT)

    def heed() -> None:
        stop.set()
        loop.call_later(_ONE_STOP_SECONDS, let_go)

    def let_go() -> None:
        for one in heeded:
            loop.remove_signal_handler(one)

    for one in heeded:
        loop.add_signal_handler(one, heed)
    try:
        yield
    finally:
        let_go()
