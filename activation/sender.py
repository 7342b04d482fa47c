"""The sender: drains what can be claimed now, and records what became of it."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from activation.config import Destination, DestinationsConfig
from activation.desk import Desk
from activation.limits import Account
from activation.pump import Pump, Surroundings
from activation.report import SendReport, Tally
from activation.templates import Templates
from activation.transports import open_transports
from baton.journal import Journal

Progress = Callable[[SendReport], None]


def send(
    journal: Journal,
    config: DestinationsConfig,
    *,
    now: Callable[[], datetime],
    only: Collection[str] | None = None,
    on_progress: Progress | None = None,
) -> SendReport:
    """Send what is due now to all destinations, or `only` some; what is due later stays.

    Any number of senders may work at once; claims that dead ones left are settled first. `now` is
    the journal's clock; signatures, dates and limits use the wall clock. Raises UsageError when a
    destination with waiting messages is unknown or lacks a setting, Busy when the journal is lost.
    """
    with journal.working() as worker:
        recovered = journal.recover(now())
        destinations = _with_work(journal, config, only)
        tally = Tally(recovered)
        desk = Desk(journal, now, worker)
        try:
            asyncio.run(_drain(destinations, config, desk, tally, on_progress))
        finally:
            desk.close()
        return tally.report()


def _with_work(
    journal: Journal, config: DestinationsConfig, only: Collection[str] | None
) -> list[Destination]:
    for name in only or ():
        config.destination(name)
    wanted = [name for name in journal.waiting() if only is None or name in only]
    destinations = [config.destination(name) for name in wanted]
    for destination in destinations:
        destination.call("messages")
    return destinations


async def _drain(
    destinations: Collection[Destination],
    config: DestinationsConfig,
    desk: Desk,
    tally: Tally,
    on_progress: Progress | None,
) -> None:
    accounts = _accounts(destinations)
    async with open_transports() as transports:
        around = Surroundings(
            desk=desk,
            transports=transports,
            templates=Templates(config.templates),
            tally=tally,
            checked_within_minutes=config.checked_within_minutes,
            on_progress=on_progress or (lambda _: None),
        )
        pumps = [Pump(one, accounts[one.account], around) for one in destinations]
        ends = await asyncio.gather(*(pump.run() for pump in pumps), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


def _accounts(destinations: Collection[Destination]) -> dict[str, Account]:
    limits = {
        one.account: one.settings.limit.over(one.call("messages").facts.limit)
        for one in destinations
    }
    return {name: Account(limit) for name, limit in limits.items()}
