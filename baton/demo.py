"""The demo: the example's history, then its last hours in micro-batches, over real protocols."""

import json
import os
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from activation import DestinationsConfig, send
from activation.syncs import run_syncs
from activation.syncs.wiring import declared_syncs, ground_of
from baton import releases, status
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.warehouse import reader
from examples.retail.generate import generate
from examples.retail.receivers import Receivers

Observer = Callable[[str], None]
GO_LIVE = datetime(2017, 12, 29, 12)


@dataclass
class Tally:
    """Sums over the batches of one demo run."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    sent: Counter[str] = field(default_factory=Counter[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    batches: int = 0
    quarantined: int = 0

    def add(self, batch: Batch, sent: dict[str, int], sending_s: float) -> None:
        """Count one batch and the sending after it."""
        self.outcomes.update(batch.outcomes)
        self.sent.update(sent)
        for stage, seconds in (*batch.seconds.items(), ("send", sending_s)):
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
        self.batches += 1
        self.quarantined += batch.window.counts.rows_quarantined


@dataclass(frozen=True)
class Place:
    """Folders of the demo under one root."""

    root: Path

    @property
    def data(self) -> Path:
        """The generated files, before they arrive."""
        return self.root / "data"

    @property
    def landing(self) -> Path:
        """Where they arrive."""
        return self.root / "landing"

    @property
    def inbox(self) -> Path:
        """What the receivers got."""
        return self.root / "inbox"

    @property
    def drops(self) -> Path:
        """Audience and suppression list as files."""
        return self.root / "drops"


def run(
    project: Project,
    *,
    fresh: bool = False,
    console: Console | None = None,
    place: Place | None = None,
    observe: Observer = lambda _: None,
) -> dict[str, Any]:
    """Run the demo on `project` and return its facts. Run again, it finds nothing left to do.

    `observe` is told each stage as it begins.
    """
    place = place or Place(project.root / "demo")
    observe("generate")
    if fresh:
        _remove(project, place)
    started = time.perf_counter()
    generate(place.data, go_live=GO_LIVE)
    project = Project(project.root, project.warehouse, project.journal, place.landing)
    batches = MicroBatch(project)
    tally = Tally()
    mailboxes = place.data / "mailboxes.json"
    with Journal.open(project.journal) as journal, Receivers(place.inbox, mailboxes) as receivers:
        environment = {
            **os.environ,
            **receivers.environment,
            "RETAIL_DROP_DIRECTORY": str(place.drops),
        }
        _go_live(project, journal)
        observe("parse")
        steps = _steps(place, journal.simulated_time())
        with _progress(console or Console(quiet=True)) as progress:
            task = progress.add_task("history", total=len(steps))
            for name, at, files in steps:
                progress.update(task, description=name)
                _arrive(files, place.landing)
                journal.set_simulated_time(at)
                _one(batches, journal, environment, tally, observe)
                progress.advance(task)
        observe("report")
        facts = _facts(project, journal, batches.dbt, place, environment)
    return facts | {
        "this_run": {
            "batches": tally.batches,
            "decisions": dict(tally.outcomes),
            "messages": dict(tally.sent),
            "quarantined": tally.quarantined,
            "seconds": {name: round(value, 2) for name, value in tally.seconds.items()},
            "total_s": round(time.perf_counter() - started, 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    }


def _one(
    batches: MicroBatch,
    journal: Journal,
    environment: dict[str, str],
    tally: Tally,
    observe: Observer,
) -> None:
    batch = batches.run(journal, now=journal.now(), progress=observe)
    observe("sending")
    started = time.perf_counter()
    report = send(journal, DestinationsConfig.load(environ=environment), now=journal.now)
    tally.add(batch, report.states, time.perf_counter() - started)


def _go_live(project: Project, journal: Journal) -> None:
    if journal.simulated_time() is None:
        journal.set_simulated_time(GO_LIVE)
        releases.compile_and_activate(
            project, journal, by="demo", approved_by="demo", reason="first release of the example"
        )


def _steps(place: Place, reached: datetime | None) -> list[tuple[str, datetime, Path | None]]:
    slices = json.loads((place.data / "slices.json").read_text())
    history = (place.data / "history").exists() and not place.landing.exists()
    steps: list[tuple[str, datetime, Path | None]] = []
    if history:
        steps.append(("history", GO_LIVE, place.data / "history"))
    for one in slices:
        at = datetime.fromisoformat(one["closes_at"])
        if reached is None or at > reached or history:
            steps.append((f"{at:%H:%M}", at, place.data / "live" / one["name"]))
    last = datetime.fromisoformat(slices[-1]["closes_at"])
    return [*steps, ("outcomes", max(last, reached or last), None)]


def _arrive(files: Path | None, landing: Path) -> None:
    for path in sorted(files.rglob("*")) if files else []:
        if path.is_file():
            target = landing / path.relative_to(files or path)
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(target.name + ".part")
            shutil.copyfile(path, part)
            part.rename(target)


def _facts(
    project: Project, journal: Journal, dbt: DbtProject, place: Place, environment: dict[str, str]
) -> dict[str, Any]:
    config = DestinationsConfig.load(environ=environment)
    syncs, _ = declared_syncs(project, dbt, config)
    synced = run_syncs(syncs, ground_of(project, dbt, journal, config))
    with reader(project.warehouse) as con:
        facts = status.facts(con, journal, dbt)
        example = _story_worth_reading(con, dbt)
    return facts | {
        "inbox": os.path.relpath(place.inbox / "inbox.html", project.root),
        "landing": os.path.relpath(place.landing, project.root),
        "syncs": {one.sync: one.state for one in synced},
        "drops": os.path.relpath(place.drops, project.root),
        "warehouse": project.warehouse.name,
        "example": example,
    }


def _story_worth_reading(con: Any, dbt: DbtProject) -> str | None:
    row = con.execute(
        f"select message_id from {dbt.relation('candidates')} "
        "where journey = 'delivery_recovery' and outcome = 'send' order by due_at limit 1"
    ).fetchone()
    return str(row[0]) if row else None


def _remove(project: Project, place: Place) -> None:
    shutil.rmtree(place.root, ignore_errors=True)
    for store in (project.warehouse, project.journal_file):
        for path in store.parent.glob(f"{store.name}*"):
            path.unlink()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def print_summary(facts: dict[str, Any], console: Console) -> None:
    """Print what happened in words a marketer understands, and what to try next."""
    this = facts["this_run"]
    console.print(
        f"\n[bold]{facts['people']:,} people[/] resolved from "
        f"{sum(facts['identifiers'].values()):,} identifiers · "
        f"{this['batches']} {'batch' if this['batches'] == 1 else 'batches'} "
        f"in {this['total_s']:.0f} s, peak {this['peak_mb']} MB"
    )
    total = sum(facts["provenance"].values()) or 1
    shares = " · ".join(
        f"{count / total:.0%} {kind}" for kind, count in facts["provenance"].items()
    )
    console.print(f"{total:,} source rows: {shares}")
    _print_block("where customers stand", status.journey_lines(facts, console.width), console)
    _print_block("what was decided", status.decision_lines(facts), console)
    messages = " · ".join(f"{state} {n}" for state, n in sorted(facts["messages"].items()))
    console.print(f"\nmessages: {messages or 'none'}")
    if facts["quarantined"]:
        console.print(
            f"set aside as broken: {sum(facts['quarantined'].values())} rows "
            "(table raw.quarantine has file, line and reason)"
        )
    new = sum(this["decisions"].values())
    console.print(
        f"this run: {new} new decisions, {sum(this['messages'].values())} message changes"
    )
    console.print(f"\ninbox:     open {facts['inbox']}\nlists:     {facts['drops']}")
    console.print(f"warehouse: {facts['warehouse']}")
    console.print(f"landing:   export BATON_LANDING={facts['landing']}, before run or erase")
    console.print("\ntry:")
    console.print("  .venv/bin/baton status")
    console.print(f"  .venv/bin/baton explain {facts['example'] or '<e-mail of a customer>'}")
    console.print("  .venv/bin/baton stop journey quote_stalled --reason 'wrong price list'")


def _print_block(title: str, lines: Iterable[str], console: Console) -> None:
    console.print(f"\n[bold]{title}[/]")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
