"""Runs of syncs: suppressions first and everywhere; one failing tool stops no other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import duckdb

from activation.accounts import Accounts, open_accounts
from activation.config import Destination, DestinationsConfig
from activation.limits import Ledger
from activation.syncs.blocked import Blocks
from activation.syncs.carrier import Carrier, Pace, Send, Tally
from activation.syncs.declared import Sync
from activation.syncs.desk import SyncDesk
from activation.syncs.files import drop_plan
from activation.syncs.parts import Parts
from activation.syncs.plan import MISSING, Plan, make_plan
from activation.syncs.source import Relations
from activation.transports import Transports, open_transports
from baton.errors import BatonError
from baton.journal.syncs import SyncLedger

State = Literal["done", "partly", "blocked", "halted", "failed"]


@dataclass(frozen=True)
class Report:
    """What a run of one sync did. `counts` in rows; `refused` by reason; `reason` says why not."""

    sync: str
    destination: str
    state: State
    reason: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    plan_hash: str = ""
    recovered: int = 0

    @property
    def went(self) -> bool:
        """Whether it ran to its end, if with rows refused or left."""
        return self.state in ("done", "partly")

    @property
    def took_all(self) -> bool:
        """Whether the tool has taken what was offered; what it refused counts as answered."""
        is_missing = self.reason == MISSING
        return self.state not in ("halted", "failed") and not (
            is_missing or self.counts.get("left", 0)
        )


@dataclass(frozen=True)
class Ground:
    """What runs need from outside: each an argument, so that tests can bring their own."""

    ledger: SyncLedger
    now: Callable[[], datetime]
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
    relations: Callable[[Sync], Relations]
    destination: Callable[[Sync], Destination]
    config: DestinationsConfig | None = None
    shares: Ledger | None = None
    send: Send | None = None
    stop: Callable[[], bool] = lambda: False
    on_progress: Callable[[str, Mapping[str, int]], None] = lambda _name, _counts: None
    pace: Pace = field(default_factory=Pace)


def plan_syncs(syncs: Sequence[Sync], ground: Ground) -> list[Plan]:
    """The plans of syncs; reads only, opens no connection to any tool."""
    with ground.warehouse() as con:
        return [_plan(con, sync, ground) for sync in syncs]


def run_syncs(syncs: Sequence[Sync], ground: Ground) -> list[Report]:
    """Plan and run syncs, suppressions before all others.

    Nothing is added to a tool that has not taken all suppressions offered to it; what must be
    taken back from it is, all the same. Raises Busy when another process runs syncs.
    """
    with ground.ledger.alone():
        first = [one for one in syncs if one.purpose == "suppressions"]
        reports = _wave(first, ground, frozenset())
        unsure = {one.destination for one in reports if not one.took_all}
        others = [one for one in syncs if one.purpose != "suppressions"]
        return reports + _wave(others, ground, frozenset(unsure))


def _wave(syncs: Sequence[Sync], ground: Ground, unsure: frozenset[str]) -> list[Report]:
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
        for report in asyncio.run(_run_all(plans, ground, unsure)):
            reports[report.sync] = report
    return [reports[sync.name] for sync in syncs]


def _plan(con: duckdb.DuckDBPyConnection, sync: Sync, ground: Ground) -> Plan:
    is_file = ground.destination(sync).takes_files
    relations = ground.relations(sync)
    return make_plan(con, sync, ground.ledger, relations, now=ground.now(), whole=is_file)


async def _run_all(
    plans: Sequence[tuple[Plan, int]], ground: Ground, unsure: frozenset[str]
) -> list[Report]:
    if ground.send is not None:
        return await _gathered(plans, ground, ground.send, unsure)
    async with open_transports() as transports:
        return await _gathered(plans, ground, _through(transports), unsure)


async def _gathered(
    plans: Sequence[tuple[Plan, int]], ground: Ground, send: Send, unsure: frozenset[str]
) -> list[Report]:
    """Tools at the same time, the syncs of one tool in turn."""
    by_tool: dict[str, list[tuple[Plan, int]]] = {}
    for plan, recovered in plans:
        by_tool.setdefault(plan.sync.destination, []).append((plan, recovered))
    async with open_accounts(ground.config, ground.shares) as accounts:
        ways = [
            _in_turn(some, ground, send, accounts, name in unsure) for name, some in by_tool.items()
        ]
        return [report for reports in await asyncio.gather(*ways) for report in reports]


async def _in_turn(
    plans: Sequence[tuple[Plan, int]],
    ground: Ground,
    send: Send,
    accounts: Accounts,
    is_unsure: bool,
) -> list[Report]:
    return [
        await _run_one(plan, ground, send, accounts, recovered=recovered, is_unsure=is_unsure)
        for plan, recovered in plans
    ]


async def _run_one(
    plan: Plan,
    ground: Ground,
    send: Send,
    accounts: Accounts,
    *,
    recovered: int,
    is_unsure: bool,
) -> Report:
    sync, ledger = plan.sync, ground.ledger
    run_id = ledger.begin(sync.name, sync.destination, plan.plan_hash, ground.now())
    desk = SyncDesk(ledger, run_id, ground.now)
    tally = Tally()
    try:
        await _tell(plan, ground, send, accounts, desk=desk, tally=tally, is_unsure=is_unsure)
        state, reason = _state(plan, tally, is_unsure=is_unsure)
    except Exception as error:  # one failing tool stops no other
        state, reason = "failed", _why(error)
    finally:
        desk.close()
    counts = _counts(plan, tally)
    ledger.end(run_id, state, reason, counts)
    return Report(
        sync.name,
        sync.destination,
        state,
        reason,
        counts,
        dict(tally.refused),
        tally.requests,
        plan.plan_hash,
        recovered,
    )


async def _tell(
    plan: Plan,
    ground: Ground,
    send: Send,
    accounts: Accounts,
    *,
    desk: SyncDesk,
    tally: Tally,
    is_unsure: bool,
) -> None:
    sync = plan.sync
    destination = ground.destination(sync)
    if destination.takes_files:
        await drop_plan(plan, destination, desk, tally)
        return
    call = destination.call(sync.purpose)
    account = accounts.of(destination, sync.purpose)
    parts = Parts(sync, ground.ledger, call.facts.batch)
    consent = sync.consent if sync.purpose != "suppressions" else None
    carrier = Carrier(
        call,
        destination,
        account=account,
        send=send,
        desk=desk,
        parts=parts,
        blocks=Blocks(ground.ledger, consent),
        tally=tally,
        stop=ground.stop,
        pace=ground.pace,
        on_progress=lambda counts: ground.on_progress(sync.name, counts),
    )
    await carrier.run(parts.of(plan, only_removals=is_unsure))


def _state(plan: Plan, tally: Tally, *, is_unsure: bool) -> tuple[State, str | None]:
    if tally.halted:
        return "halted", tally.halted
    if not plan.may_remove:
        return "blocked", ", ".join(plan.blocked)
    if is_unsure and plan.upserts.rows:
        return "partly", "suppressions_not_taken"
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


def _through(transports: Transports) -> Send:
    return transports.exchange
