"""Runs of syncs: suppressions first and everywhere; one failing tool stops no other."""

import asyncio
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

import duckdb

from activation.accounts import Accounts, open_accounts
from activation.config import Destination, DestinationsConfig
from activation.limits import Ledger
from activation.patience import patiently
from activation.shares import Shares
from activation.syncs.blocked import Blocks
from activation.syncs.carrier import Carrier, Pace, Send, Tally
from activation.syncs.declared import Sync
from activation.syncs.desk import SyncDesk
from activation.syncs.files import drop_plan
from activation.syncs.parts import Parts
from activation.syncs.plan import MISSING, Plan, make_plan
from activation.syncs.source import Relations
from activation.transports import open_transports
from baton.errors import BatonError
from baton.journal import Journal
from baton.journal.syncs import SyncLedger

_Result = TypeVar("_Result")
State = Literal["done", "partly", "blocked", "halted", "failed"]


@dataclass(frozen=True)
class Report:
    """What a run of one sync did. `counts` in rows; `refused` by reason; `reason` says why not.

    `untold` are the rows to tell of which the tool has not said yes or no.
    """

    sync: str
    destination: str
    state: State
    reason: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    plan_hash: str = ""
    recovered: int = 0
    untold: int = 0

    @property
    def went(self) -> bool:
        """Whether it ran to its end, if with rows refused or left."""
        return self.state in ("done", "partly")

    @property
    def took_all(self) -> bool:
        """Whether the tool has taken what was offered; what it refused counts as answered."""
        is_missing = self.reason == MISSING
        return self.state not in ("halted", "failed") and not (is_missing or self.untold)


@dataclass(frozen=True)
class Ground:
    """What runs need from outside: each an argument, so that tests can bring their own.

    With a journal, runs share limits with its senders and put file drops on record.
    `suppressions` are all that the project has; destinations in `unsure` have more, of which
    nobody knows what they say.
    """

    ledger: SyncLedger
    now: Callable[[], datetime]
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
    relations: Callable[[Sync], Relations]
    destination: Callable[[Sync], Destination]
    config: DestinationsConfig | None = None
    journal: Journal | None = None
    suppressions: Sequence[Sync] = ()
    unsure: frozenset[str] = frozenset()
    send: Send | None = None
    stop: Callable[[], bool] = lambda: False
    on_progress: Callable[[str, Mapping[str, int]], None] = lambda _name, _counts: None
    pace: Pace = field(default_factory=Pace)


def plan_syncs(syncs: Sequence[Sync], ground: Ground) -> list[Plan]:
    """The plans of syncs; reads only, opens no connection to any tool."""
    with ground.warehouse() as con:
        return [_plan(con, sync, ground) for sync in syncs]


def run_syncs(syncs: Sequence[Sync], ground: Ground) -> list[Report]:
    """Plan and run syncs, before them the suppressions of their destinations, asked for or not.

    Nothing is added to a tool that has not taken all suppressions offered to it; what must be
    taken back from it is, all the same. Raises Busy when another process runs syncs.
    """
    with ground.ledger.alone(), _shares(ground) as shares:
        others = [one for one in syncs if one.purpose != "suppressions"]
        reports = _wave(_suppressions(syncs, ground), ground, shares, {})
        unsure = dict.fromkeys(ground.unsure, "suppressions_declared_wrongly")
        for one in reports:
            if not one.took_all:
                unsure[one.destination] = "suppressions_not_taken"
        return reports + _wave(others, ground, shares, unsure)


@contextmanager
def _shares(ground: Ground) -> Generator[Ledger | None]:
    """The ledger of limits, under a name that counts as alive until the end."""
    if ground.journal is None:
        yield None
        return
    with ground.journal.working() as name:
        yield Shares(ground.journal, name, _in_thread)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    return await patiently(lambda: asyncio.to_thread(work))


def _suppressions(syncs: Sequence[Sync], ground: Ground) -> list[Sync]:
    asked = [one for one in syncs if one.purpose == "suppressions"]
    names, tools = {one.name for one in asked}, {one.destination for one in syncs}
    return asked + [
        one for one in ground.suppressions if one.destination in tools and one.name not in names
    ]


def _wave(
    syncs: Sequence[Sync], ground: Ground, shares: Ledger | None, unsure: Mapping[str, str]
) -> list[Report]:
    """Run syncs side by side; `unsure` says by destination why nothing may be added to it."""
    reports: dict[str, Report] = {}
    plans: list[tuple[Plan, int]] = []
    if syncs:
        with ground.warehouse() as con:
            for sync in syncs:
                try:
                    recovered = ground.ledger.recover(sync.name, ground.now())
                    plans.append((_plan(con, sync, ground), recovered))
                except (BatonError, duckdb.Error) as error:
                    reports[sync.name] = Report(sync.name, sync.destination, "failed", _why(error))
        for report in asyncio.run(_run_all(plans, ground, shares, unsure)):
            reports[report.sync] = report
    return [reports[sync.name] for sync in syncs]


def _plan(con: duckdb.DuckDBPyConnection, sync: Sync, ground: Ground) -> Plan:
    is_file = ground.destination(sync).takes_files
    relations = ground.relations(sync)
    return make_plan(con, sync, ground.ledger, relations, now=ground.now(), whole=is_file)


async def _run_all(
    plans: Sequence[tuple[Plan, int]],
    ground: Ground,
    shares: Ledger | None,
    unsure: Mapping[str, str],
) -> list[Report]:
    async with open_accounts(ground.config, shares) as accounts:
        if ground.send is not None:
            return await _gathered(plans, ground, ground.send, accounts, unsure)
        async with open_transports() as transports:
            return await _gathered(plans, ground, transports.exchange, accounts, unsure)


async def _gathered(
    plans: Sequence[tuple[Plan, int]],
    ground: Ground,
    send: Send,
    accounts: Accounts,
    unsure: Mapping[str, str],
) -> list[Report]:
    """Tools at the same time, the syncs of one tool in turn."""
    by_tool: dict[str, list[tuple[Plan, int]]] = {}
    for plan, recovered in plans:
        by_tool.setdefault(plan.sync.destination, []).append((plan, recovered))
    ways = [
        _in_turn(some, ground, send, accounts, unsure.get(name)) for name, some in by_tool.items()
    ]
    return [report for reports in await asyncio.gather(*ways) for report in reports]


async def _in_turn(
    plans: Sequence[tuple[Plan, int]],
    ground: Ground,
    send: Send,
    accounts: Accounts,
    unsure: str | None,
) -> list[Report]:
    return [
        await _run_one(plan, ground, send, accounts, recovered=recovered, unsure=unsure)
        for plan, recovered in plans
    ]


async def _run_one(
    plan: Plan,
    ground: Ground,
    send: Send,
    accounts: Accounts,
    *,
    recovered: int,
    unsure: str | None,
) -> Report:
    sync, tally = plan.sync, Tally()
    desk = SyncDesk(ground.ledger, ground.now)
    try:
        await desk.begin(sync.name, sync.destination, plan.plan_hash)
        try:
            await _tell(plan, ground, send, accounts, desk=desk, tally=tally, unsure=unsure)
            state, reason = _state(plan, tally, unsure)
        except Exception as error:  # one failing tool stops no other
            state, reason = "failed", _why(error)
        await desk.end(state, reason, _counts(plan, tally))
    except Exception as error:  # nor does a journal that cannot be written
        state, reason = "failed", _why(error)
    finally:
        desk.close()
    return Report(
        sync.name,
        sync.destination,
        state,
        reason,
        _counts(plan, tally),
        dict(tally.refused),
        tally.requests,
        plan.plan_hash,
        recovered,
        max(0, plan.upserts.rows - tally.answered),
    )


async def _tell(
    plan: Plan,
    ground: Ground,
    send: Send,
    accounts: Accounts,
    *,
    desk: SyncDesk,
    tally: Tally,
    unsure: str | None,
) -> None:
    sync = plan.sync
    destination = ground.destination(sync)
    heeds_switches = sync.purpose != "suppressions"
    consent = sync.consent if sync.purpose != "suppressions" else None
    blocks = await desk.do(lambda: Blocks(ground.ledger, consent))
    if destination.takes_files:
        is_off = heeds_switches and await desk.is_stopped(destination.name)
        tally.is_switched_off = is_off and plan.may_tell and bool(plan.upserts.rows)
        may_add = unsure is None and not is_off
        await drop_plan(
            plan,
            destination,
            desk,
            tally,
            blocks=blocks,
            may_add=may_add,
            journal=ground.journal,
        )
        return
    call = destination.call(sync.purpose)
    account = accounts.of(destination, sync.purpose)
    parts = Parts(sync, ground.ledger, call.facts.batch)
    carrier = Carrier(
        call,
        destination,
        account=account,
        send=send,
        desk=desk,
        parts=parts,
        blocks=blocks,
        tally=tally,
        stop=ground.stop,
        pace=ground.pace,
        on_progress=lambda counts: ground.on_progress(sync.name, counts),
        heeds_switches=heeds_switches,
    )
    await carrier.run(parts.of(plan, only_removals=unsure is not None))


def _state(plan: Plan, tally: Tally, unsure: str | None) -> tuple[State, str | None]:
    if tally.halted or tally.is_switched_off:
        return "halted", tally.halted or "switched_off"
    if not plan.may_remove:
        return "blocked", ", ".join(plan.blocked)
    if unsure is not None and plan.upserts.rows:
        return "partly", unsure
    counts = _counts(plan, tally)
    if counts["left"] or counts["refused"]:
        return "partly", "rows_left" if counts["left"] else "rows_refused"
    return "done", None


def _counts(plan: Plan, tally: Tally) -> dict[str, int]:
    """Rows by what became of them; `left` is what was planned and did not happen."""
    done = {name: tally.counts[name] for name in ("told", "taken_back", "refused", "blocked")}
    planned = plan.upserts.rows + len(plan.removals) + len(plan.urgent)
    return {
        **done,
        "left": max(0, planned - sum(done.values())),
        "unchanged": plan.counts.get("unchanged", 0),
        "dead": plan.counts.get("refused", 0),
        "kept": sum(plan.kept.values()),
    }


def _why(error: Exception) -> str:
    """What a known error says; of others the name alone, as their texts may tell values."""
    return error.what if isinstance(error, BatonError) else type(error).__name__
