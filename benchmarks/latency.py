"""Event to tool: how long until what a customer does has an effect, and whether all arrive once.

`python -m benchmarks.latency --rate R --seconds S --history N [--dagster] [--baseline] [--json F]
[--keep DIR]`

All real, each in a process of its own: the collector (`baton serve`), the continuous run
(`baton run --watch`), the sender (`baton send --watch`), and a receiver of webhooks. Calls are made
over HTTP at R a second about customers of a history of N events; one in five starts a quote that a
card answers at once (`benchmarks.live`). Times are from the receiver's log, joined by quote to when
the load made the call; stages from the tables and the journal left behind, by `STAGES`.

`--dagster` runs the same load once more with the continuous run as Dagster's job in place of
`baton run --watch` (`benchmarks.scheduled`); `dagster_ratio` compares the two p95.
`--baseline` works the usual way on the same stores: one process for a batch, one for sending, again
and again, without anything warm; a scheduler's own delay comes on top. Each load goes on with the
next customers: who was told lately is not told again. `lost` counts quotes that
the collector acknowledged and no receiver has, `duplicates` webhooks and quotes that came twice;
`controls` show both turn non-zero when an entry of the log is taken out or doubled.
"""

import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks.live import Sent, Shop, make_shop, send_live
from benchmarks.live_figures import (
    STAGES,
    duplicates,
    growth,
    latencies,
    lost,
    quantile,
    seconds_of,
    stages,
)
from benchmarks.processes import (
    Memory,
    announced,
    at_work,
    baton,
    desk,
    prepare,
    process,
    say,
)
from benchmarks.scheduled import scheduled

_DRAIN_SECONDS = 60.0


def measure(
    folder: Path,
    *,
    rate: float,
    seconds: float,
    history: int,
    under_dagster: bool = False,
    baseline: bool = False,
) -> dict[str, Any]:
    """Run everything in `folder` and return the figures."""
    root = Project.find().root
    shop = make_shop(folder, root, history=history, end=wall_clock())
    with desk(folder / "desk.jsonl") as url:
        environment = shop.environment(url)
        prepared = prepare(shop, environment)
        figures = {"rate": rate, "seconds": seconds, "history": history, **prepared}
        figures |= _continuous(shop, environment, rate=rate, seconds=seconds)
        calls = int(rate * seconds)
        if under_dagster:
            figures |= _under_dagster(
                shop, root, environment, rate=rate, seconds=seconds, first=calls
            )
            figures["dagster_ratio"] = round(figures["dagster_p95_s"] / figures["p95_s"], 2)
        if baseline:
            figures |= _usual(shop, environment, rate=rate, first=2 * calls)
            figures["ratio"] = round(figures["baseline_p95_s"] / figures["p95_s"], 1)
    return figures


def _continuous(
    shop: Shop, environment: Mapping[str, str], *, rate: float, seconds: float
) -> dict[str, Any]:
    log = shop.folder / "desk.jsonl"
    with at_work(shop, environment) as works:
        say(f"{rate:g} calls a second for {seconds:g} s")
        sent = asyncio.run(send_live(works.collector, shop, rate=rate, seconds=seconds))
        _drain(log, sent)
        works.memory.stop()
    return {
        **latencies(log, sent),
        "batch_p50_s": round(statistics.median(works.batches.seconds or [0]), 3),
        "batches": len(works.batches.seconds),
        "peak_mb": round(works.memory.peak_mb),
        "memory_grows_mb": growth(works.memory.by_time),
        "stages": stages(shop, sent),
        "stages_query": " ".join(STAGES.split()),
    }


def _under_dagster(
    shop: Shop,
    root: Path,
    environment: Mapping[str, str],
    *,
    rate: float,
    seconds: float,
    first: int,
) -> dict[str, Any]:
    """The same load from call `first` on, decided by the job of Dagster."""
    log = shop.folder / "desk.jsonl"
    before = len(log.read_text().splitlines())
    with ExitStack() as stack:
        serve = stack.enter_context(process(shop, environment, "serve", "--port", "0", "--json"))
        sender = stack.enter_context(process(shop, environment, "send", "--watch"))
        collector = announced(serve)["listening"]
        say("the continuous run of Dagster warms up")
        daemon = stack.enter_context(scheduled(shop, root, environment))
        memory = Memory([serve, daemon, sender])
        memory.start()
        say(f"{rate:g} calls a second for {seconds:g} s")
        live = send_live(collector, shop, rate=rate, seconds=seconds, first=first)
        sent = asyncio.run(live)
        _drain(log, sent)
        memory.stop()
    lines = [json.loads(one) for one in log.read_text().splitlines()[before:]]
    found = seconds_of(lines, sent)
    return {
        "dagster_p50_s": quantile(found, 0.5),
        "dagster_p95_s": quantile(found, 0.95),
        "dagster_p99_s": quantile(found, 0.99),
        "dagster_messages": len(found),
        "dagster_lost": lost(lines, sent),
        "dagster_duplicates": duplicates(lines),
        "dagster_peak_mb": round(memory.peak_mb),
    }


def _usual(
    shop: Shop, environment: Mapping[str, str], *, rate: float, first: int
) -> dict[str, Any]:
    """The same load from call `first` on, answered by a process for each batch and sending."""
    log = shop.folder / "desk.jsonl"
    before = len(log.read_text().splitlines())
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            baton(shop, environment, "run", "--json", check=False)
            baton(shop, environment, "send", "--json", check=False)

    worker = threading.Thread(target=work)
    with process(shop, environment, "serve", "--port", "0", "--json") as serve:
        collector = announced(serve)["listening"]
        worker.start()
        say("the same by a process for each batch")
        later = send_live(collector, shop, rate=rate, seconds=60, first=first)
        sent = asyncio.run(later)
        _drain(log, sent)
        over.set()
        worker.join()
    lines = [json.loads(one) for one in log.read_text().splitlines()[before:]]
    found = seconds_of(lines, sent)
    return {
        "baseline_p50_s": quantile(found, 0.5),
        "baseline_p95_s": quantile(found, 0.95),
        "baseline_messages": len(found),
    }


def _drain(log: Path, sent: Sent) -> None:
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until:
        lines = [json.loads(one) for one in log.read_text().splitlines()]
        if not lost(lines, sent):
            return
        time.sleep(0.2)


@click.command()
@click.option("--rate", default=100.0, show_default=True, help="Calls a second.")
@click.option("--seconds", default=120.0, show_default=True, help="How long.")
@click.option("--history", default=1_000_000, show_default=True, help="Events before.")
@click.option("--dagster", is_flag=True, help="Also as a job of Dagster.")
@click.option("--baseline", is_flag=True, help="Also the usual way: a process for each batch.")
@click.option("--small", is_flag=True, help="50 a second for 15 s on 20,000 events.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(
    *,
    rate: float,
    seconds: float,
    history: int,
    dagster: bool,
    baseline: bool,
    small: bool,
    json_file: Path | None,
    keep: Path | None,
) -> None:
    """Measure event to tool; the last thing printed is one JSON object."""
    if small:
        rate, seconds, history = 50.0, 15.0, 20_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(
            folder,
            rate=rate,
            seconds=seconds,
            history=history,
            under_dagster=dagster,
            baseline=baseline,
        )
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
