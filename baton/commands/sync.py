"""`baton sync`."""

import getpass
import signal
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Event
from typing import Any

import click

from activation.config import DestinationsConfig
from activation.syncs import Ground, Plan, Report, Sync, plan_syncs, run_syncs
from activation.syncs.shown import plan_facts, requests_of
from activation.syncs.wiring import chosen, declared_syncs, ground_of
from baton.cards.problems import Problem, render
from baton.commands.output import err, json_option, print_json, report
from baton.dbt_runner import DbtProject
from baton.errors import Refused, UsageError
from baton.journal import Journal
from baton.project import Project

_EXIT = {"done": 0, "partly": 3, "halted": 1, "failed": 1, "blocked": 5}
_GRAVEST = (5, 1, 3, 0)


@click.group()
def sync() -> None:
    """What tools should hold, from profiles to contexts, as dbt exposures declare it."""


@dataclass(frozen=True)
class _Open:
    project: Project
    dbt: DbtProject
    journal: Journal
    config: DestinationsConfig
    syncs: list[Sync]
    problems: list[Problem]

    def ground(self, **more: Any) -> Ground:
        return ground_of(self.project, self.dbt, self.journal, self.config, **more)

    def chosen(self, *names: str) -> list[Sync]:
        return chosen(self.syncs, self.problems, names)


@contextmanager
def _opened() -> Generator[_Open]:
    project = Project.find()
    dbt, config = DbtProject(project), DestinationsConfig.load()
    with Journal.open(project.journal) as journal:
        yield _Open(project, dbt, journal, config, *declared_syncs(project, dbt, config))


@sync.command("list")
@json_option
def list_syncs(as_json: bool) -> None:
    """Show the syncs and their last run; exit 1 when one is declared wrongly."""
    with _opened() as here:
        facts = [_listed(one, here.journal) for one in here.syncs]
        if as_json:
            print_json({"syncs": facts, "problems": [vars(one) for one in here.problems]})
        else:
            for one in facts:
                click.echo(_line(one))
            click.echo(render(here.problems) if here.problems else "", nl=bool(here.problems))
        sys.exit(1 if here.problems else 0)


def _listed(one: Sync, journal: Journal) -> dict[str, Any]:
    ledger = journal.syncs
    last = ledger.last_run(one.name)
    return {
        "sync": one.name,
        "purpose": one.purpose,
        "model": one.model,
        "destination": one.destination,
        "owner": one.owner,
        "held": ledger.held_count(one.name, one.destination),
        "dead": ledger.refused_count(one.name, one.destination),
        "last_run": last.started_wall_at if last else None,
        "last_state": last.state if last else "never run",
        "last_reason": last.reason if last else None,
    }


def _line(facts: Mapping[str, Any]) -> str:
    why = f": {facts['last_reason']}" if facts["last_reason"] else ""
    return (
        f"{facts['sync']:<28} {facts['purpose']:<12} {facts['model']} -> {facts['destination']}  "
        f"holds {facts['held']}, dead {facts['dead']}, {facts['last_state']}{why}"
    )


@sync.command()
@click.argument("name")
@click.option("--requests", is_flag=True, help="Also the exact requests, values masked.")
@click.option("--show-values", is_flag=True, help="Do not mask personal values in requests.")
@click.option("--most", default=10, help="Show at most so many requests.")
@json_option
def plan(name: str, requests: bool, show_values: bool, most: int, as_json: bool) -> None:
    """Show what a run would add, change and take back; no tool is told anything."""
    with _opened() as here:
        (one,) = here.chosen(name)
        ground = here.ground()
        (made,) = plan_syncs([one], ground)
        facts = plan_facts(made)
        shown = requests_of(
            made,
            ground.ledger,
            ground.destination(one),
            show_values=show_values,
            secrets=here.config.secrets(one.destination, dict(one.options)),
        )
        if requests:
            facts["requests"] = list(islice(shown, most))
        report(facts, as_json=as_json)
        if made.blocked and not made.approved_by:
            err.print(_held_back(made), markup=False)


def _held_back(made: Plan) -> str:
    name = made.sync.name
    if not made.plan_hash:
        return f"held back: {', '.join(made.blocked)}; build {made.sync.model} first"
    return (
        f"held back: {', '.join(made.blocked)}; if it is meant, "
        f"`baton sync approve {name} --plan {made.plan_hash} --reason '...'`"
    )


@sync.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--again", is_flag=True, help="Tell rows again that the tool refused.")
@json_option
def run(names: tuple[str, ...], again: bool, as_json: bool) -> None:
    """Tell the tools, suppressions first; without NAME all syncs.

    Exit code 5 when a plan is held back, 1 when a tool did not answer or a sync is declared
    wrongly, 3 when rows were refused or left.
    """
    with _opened() as here, _graceful() as stop, err.status("syncs") as status:
        wanted = here.chosen(*names)
        if again:
            for one in wanted:
                here.journal.syncs.retry_refused(one.name, one.destination)
        ground = here.ground(stop=stop, on_progress=_progress(status.update))
        reports = run_syncs(wanted, ground)
    if as_json:
        print_json({"syncs": [vars(one) for one in reports]})
    else:
        for one in reports:
            click.echo(_told(one))
    problems = [] if names else here.problems
    if problems:
        err.print(render(problems), markup=False)
    codes = {_EXIT[one.state] for one in reports} | ({1} if problems else set[int]())
    sys.exit(next((code for code in _GRAVEST if code in codes), 0))


def _told(one: Report) -> str:
    counts = ", ".join(f"{name} {number}" for name, number in one.counts.items() if number)
    why = f" ({one.reason})" if one.reason else ""
    return f"{one.sync:<28} {one.state}{why}: {counts or 'nothing to tell'}"


def _progress(update: Callable[[str], None]) -> Callable[[str, Mapping[str, int]], None]:
    def show(name: str, counts: Mapping[str, int]) -> None:
        update(f"{name}: told {counts.get('told', 0)}, taken back {counts.get('taken_back', 0)}")

    return show


@contextmanager
def _graceful() -> Generator[Callable[[], bool]]:
    """The first interrupt lets open requests end; the run stays resumable."""
    asked = Event()

    def ask(_signal: int, _frame: object) -> None:
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@sync.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stays on record.")
@click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
@click.option("--plan", "plan_hash", default=None, help="The plan you have looked at.")
@json_option
def approve(name: str, reason: str, by: str, plan_hash: str | None, as_json: bool) -> None:
    """Answer for the plan that is held back now: exactly its reasons and removals, no others."""
    with _opened() as here:
        (made,) = plan_syncs(here.chosen(name), here.ground())
        if not made.blocked or not made.plan_hash:
            raise UsageError(
                "there is nothing to approve",
                where=name,
                mend="`baton sync plan` says what is held back; a missing source must be built",
            )
        if plan_hash is not None and plan_hash != made.plan_hash:
            raise Refused(
                f"the plan is {made.plan_hash} by now",
                where=f"{name}, --plan {plan_hash}",
                mend=f"look at it again: `baton sync plan {name}`",
            )
        here.journal.syncs.approve(
            name, made.plan_hash, reason=reason, by=by, now=here.journal.now()
        )
    facts = {"approved": name, "plan": made.plan_hash, "removals": len(made.removals), "by": by}
    report(facts | {"reasons": list(made.blocked)}, as_json=as_json)
