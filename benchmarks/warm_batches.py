"""A warm batch, taken apart: what each stage and each model costs, by the size of the window.

`python -m benchmarks.warm_batches [--history N] [--batches N] [--small] [--json F] [--keep DIR]`

The shop of `benchmarks.live` on a history of N events, with its receiver and its sender at work in
processes of their own. In this process works a continuous run on a warehouse that it holds. Windows
of 10, 100, 1,000 and 2,000 events land as the collector lands them, N of each size by the
processor's clock and N by the wall clock. First batches go by the kept plan, then by the peer, dbt
itself. Figures are medians in ms: `batch` with its spread, the stages of `baton.micro_batch.Batch`
(`models` and `rest` are its `decide`), and `beside`, what this process does between the landing and
the end of the batch that is no stage of it. dbt tells of models by the wall clock alone.

`WORKED_OFF` counts in the tables left behind what came of the events. `lost` and `duplicates` are
by the receiver's log, with the controls of `benchmarks.live_figures`.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import duckdb

from baton.continuous import ContinuousRun, Pace
from baton.journal import Journal
from baton.journal.clock import wall_clock
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.serve.collect.tracking import rows_of
from benchmarks.live import ONE_IN, Sent, Shop, live_events, make_shop
from benchmarks.live_figures import latencies
from benchmarks.processes import desk, prepare, process, say

WORKED_OFF = """
select
    count(*) as events,
    count(distinct e.event_id) as distinct_events,
    count(s.event_id) as heard,
    count(*) filter (e.event = 'quote_started') as quotes,
    count(j.instance_id) as instances
from raw.web_events as e
left join journeys.signals as s on md5('event' || chr(31) || 'web.events' || chr(31) || e.event_id)
    = s.event_id
left join journeys.journey_states as j on s.node_id = j.entry_node_id
    and s.correlation_key = j.correlation_key and j.journey = 'told_at_once'
    and e.event = 'quote_started'
where e.event_id like 'live-%'
"""
_SIZES = (10, 100, 1_000, 2_000)
_SMALL_SIZES = (10, 100, 1_000)
_PACE = Pace(idle_seconds=2.0, measure_seconds=float("inf"))
_MODELS = 12
_LONGEST_SECONDS = 120.0


class _Clock:
    """The processor's clock or the wall clock, whichever is wanted."""

    def __init__(self) -> None:
        self.is_cpu = True

    def __call__(self) -> float:
        """Seconds from some moment on."""
        return time.process_time() if self.is_cpu else time.perf_counter()


@dataclass
class Landing:
    """A segment as the collector writes it, and what has been landed in it."""

    shop: Shop
    sent: Sent = field(default_factory=lambda: Sent({}, {}))
    events: int = 0

    def add(self, number: int) -> None:
        """Let that many events arrive at once."""
        now = wall_clock()
        calls = list(live_events(self.shop, number, self.events))
        stamped = [one | {"timestamp": f"{now.isoformat()}Z"} for one in calls]
        rows = rows_of({"batch": stamped}, "batch", received_at=now, source="live")
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        with (self.shop.landing / "web" / "events-live.jsonl").open("a") as segment:
            segment.write(lines)
        landed = {one["messageId"]: time.time() for one in calls}
        self.sent.made.update(landed)
        self.sent.answered.update(landed)
        self.events += number


def measure(folder: Path, *, history: int, batches: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Run everything in `folder` and return the figures."""
    shop = make_shop(folder, Project.find().root, history=history, end=wall_clock())
    landing, log = Landing(shop), folder / "desk.jsonl"
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        environment = shop.environment(stack.enter_context(desk(log)))
        prepare(shop, environment)
        stack.enter_context(process(shop, environment, "send", "--watch"))
        os.environ.update(environment)
        for runner in ("plan", "plain"):
            found = _measured(landing, runner, batches, sizes)
            figures[runner] = {str(size): found[size] for size in sizes}
    told = latencies(log, landing.sent)
    proofs = ("messages", "lost", "duplicates", "controls")
    return {
        "history": history,
        "batches": batches,
        **figures,
        "landed": landing.events,
        **_worked_off(shop),
        **{name: told[name] for name in proofs},
        "query": " ".join(WORKED_OFF.split()),
    }


def _measured(
    landing: Landing, runner: str, batches: int, sizes: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """What windows of these sizes cost, by the clocks in turn."""
    clock = _Clock()
    project = Project.find(landing.shop.folder)
    at_work = MicroBatch(project, is_plain=runner == "plain", clock=clock)
    found: dict[int, dict[str, Any]] = {}
    with Journal.open(project.journal) as journal:
        run = ContinuousRun(at_work, journal, pace=_PACE)
        each = run.batches()
        _warm_up(each, is_by_plan=runner == "plan")
        _one(each, landing, max(sizes), clock)
        for size in sizes:
            found[size] = {}
            for is_cpu in (True, False):
                clock.is_cpu = is_cpu
                costs = [_one(each, landing, size, clock) for _ in range(batches)]
                found[size]["cpu_ms" if is_cpu else "wall_ms"] = _medians(costs)
            cpu, wall = (found[size][name]["batch"] for name in ("cpu_ms", "wall_ms"))
            say(f"{runner}, {size} events: {cpu} ms of CPU, {wall} ms")
        _until_calm(each, landing)
        run.stop()
        list(each)
    return found


def _warm_up(each: Iterator[Batch], *, is_by_plan: bool) -> None:
    say("the continuous run warms up")
    for batch in each:
        if batch.is_by_plan or not is_by_plan:
            return


def _one(each: Iterator[Batch], landing: Landing, size: int, clock: _Clock) -> dict[str, Any]:
    """Land a window and return what its batch cost, in ms; batches of the sender's news pass."""
    landing.add(size)
    since = clock()
    for batch in each:
        if _events(batch):
            return _cost(batch, clock() - since)
        since = clock()
    raise click.ClickException("the continuous run has ended")


def _events(batch: Batch) -> int:
    counts = batch.window.by_source.get("web.events")
    return counts.rows_read if counts else 0


def _cost(batch: Batch, whole: float) -> dict[str, Any]:
    models = {one.name: one.seconds * 1_000 for one in batch.nodes}
    stages = {name: seconds * 1_000 for name, seconds in batch.seconds.items()}
    decide, in_batch = stages.pop("decide"), sum(batch.seconds.values()) * 1_000
    in_models = min(sum(models.values()), decide)
    return {
        "batch": in_batch,
        **stages,
        "models": in_models,
        "rest": decide - in_models,
        "beside": whole * 1_000 - in_batch,
        "by_model": models,
    }


def _medians(costs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    stages = [name for name in costs[0] if name != "by_model"]
    found: dict[str, Any] = {
        name: round(statistics.median(one[name] for one in costs)) for name in stages
    }
    whole = [one["batch"] for one in costs]
    found["spread"] = [round(min(whole)), round(max(whole))]
    models = {name for one in costs for name in one["by_model"]}
    by_model = {
        name: round(statistics.median(one["by_model"].get(name, 0.0) for one in costs), 1)
        for name in models
    }
    dear = sorted(by_model, key=lambda name: -by_model[name])[:_MODELS]
    return {**found, "by_model": {name: by_model[name] for name in dear}}


def _until_calm(each: Iterator[Batch], landing: Landing) -> None:
    """Let the sender tell of everything that was landed, and the run learn of it."""
    log = landing.shop.folder / "desk.jsonl"
    until = time.monotonic() + _LONGEST_SECONDS
    for batch in each:
        is_told = len(log.read_text().splitlines()) >= landing.events // ONE_IN
        is_calm = is_told and not batch.window.counts.rows_read
        if is_calm or time.monotonic() > until:
            return


def _worked_off(shop: Shop) -> dict[str, int]:
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        result = con.execute(WORKED_OFF)
        names = [column[0] for column in result.description or []]
        (row,) = result.fetchall()
    return dict(zip(names, row, strict=True))


@click.command()
@click.option("--history", default=200_000, show_default=True, help="Events before.")
@click.option("--batches", default=5, show_default=True, help="Of each size, by each clock.")
@click.option("--small", is_flag=True, help="One of each on 20,000 events, none of 2,000.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(
    *, history: int, batches: int, small: bool, json_file: Path | None, keep: Path | None
) -> None:
    """Measure warm batches; the last thing printed is one JSON object."""
    sizes = _SIZES
    if small:
        history, batches, sizes = 20_000, 1, _SMALL_SIZES
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder, history=history, batches=batches, sizes=sizes)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
