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
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb
import psutil

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks.live import ONE_IN, Sent, Shop, make_shop, send_live
from benchmarks.scheduled import scheduled

STAGES = """
select e.event_id, e._received_at as received_at, e._loaded_at as loaded_at,
    m.handed_at, a.claimed_wall_at as claimed_at, a.sent_wall_at as sent_at,
    a.answered_wall_at as accepted_at
from raw.web_events as e
inner join journeys.signals as s on md5('event' || chr(31) || 'web.events' || chr(31) || e.event_id)
    = s.event_id
inner join journeys.journey_states as j on s.node_id = j.entry_node_id
    and s.correlation_key = j.correlation_key and j.journey = 'told_at_once'
inner join journal.messages as m on j.instance_id = m.instance_id
inner join journal.attempts as a on m.attempt_id = a.attempt_id
where e.event_id like 'live-%'
"""
_STEPS = ("received_at", "loaded_at", "handed_at", "claimed_at", "sent_at", "accepted_at")
_BATON = Path(sys.executable).with_name("baton")
_DRAIN_SECONDS = 60.0
_LONGEST_START = 600.0
_SAMPLE_SECONDS = 0.5
_EPOCH = datetime(1970, 1, 1)


class Memory(threading.Thread):
    """The most resident memory that processes and their children had together, in MB."""

    def __init__(self, processes: Iterable[subprocess.Popen[str]]) -> None:
        super().__init__(daemon=True)
        self._roots = [psutil.Process(one.pid) for one in processes]
        self._over = threading.Event()
        self.peak_mb = 0.0
        self.by_time: list[tuple[float, float]] = []

    def run(self) -> None:
        """Sample until stopped."""
        while not self._over.wait(_SAMPLE_SECONDS):
            used = sum(_resident(one) for one in self._roots) / 2**20
            self.by_time.append((time.time(), used))
            self.peak_mb = max(self.peak_mb, used)

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()


def _resident(process: psutil.Process) -> int:
    try:
        family = [process, *process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family)
    except psutil.NoSuchProcess:
        return 0


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
    with _desk(folder / "desk.jsonl") as url:
        environment = shop.environment(url)
        prepared = _prepare(shop, environment)
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


def _prepare(shop: Shop, environment: Mapping[str, str]) -> dict[str, float]:
    started = time.perf_counter()
    _baton(shop, environment, "release", "activate", "--reason", "benchmark", "--approved-by", "b")
    _say("history is taken in and folded")
    _baton(shop, environment, "run", "--json")
    return {"prepared_s": round(time.perf_counter() - started, 1)}


def _continuous(
    shop: Shop, environment: Mapping[str, str], *, rate: float, seconds: float
) -> dict[str, Any]:
    log = shop.folder / "desk.jsonl"
    with ExitStack() as stack:
        serve = stack.enter_context(_process(shop, environment, "serve", "--port", "0", "--json"))
        watch = stack.enter_context(_process(shop, environment, "run", "--watch", "--json"))
        sender = stack.enter_context(_process(shop, environment, "send", "--watch"))
        collector = _announced(serve)["listening"]
        _wait_for_plan(watch)
        batches = _Lines(watch)
        memory = Memory([serve, watch, sender])
        memory.start()
        _say(f"{rate:g} calls a second for {seconds:g} s")
        sent = asyncio.run(send_live(collector, shop, rate=rate, seconds=seconds))
        _drain(log, sent)
        memory.stop()
    return {
        **_latencies(log, sent),
        "batch_p50_s": round(statistics.median(batches.seconds or [0]), 3),
        "batches": len(batches.seconds),
        "peak_mb": round(memory.peak_mb),
        "memory_grows_mb": _growth(memory.by_time),
        "stages": _stages(shop, sent),
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
        serve = stack.enter_context(_process(shop, environment, "serve", "--port", "0", "--json"))
        sender = stack.enter_context(_process(shop, environment, "send", "--watch"))
        collector = _announced(serve)["listening"]
        _say("the continuous run of Dagster warms up")
        daemon = stack.enter_context(scheduled(shop, root, environment))
        memory = Memory([serve, daemon, sender])
        memory.start()
        _say(f"{rate:g} calls a second for {seconds:g} s")
        live = send_live(collector, shop, rate=rate, seconds=seconds, first=first)
        sent = asyncio.run(live)
        _drain(log, sent)
        memory.stop()
    lines = [json.loads(one) for one in log.read_text().splitlines()[before:]]
    found = _seconds(lines, sent)
    return {
        "dagster_p50_s": _quantile(found, 0.5),
        "dagster_p95_s": _quantile(found, 0.95),
        "dagster_p99_s": _quantile(found, 0.99),
        "dagster_messages": len(found),
        "dagster_lost": _lost(lines, sent),
        "dagster_duplicates": _duplicates(lines),
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
            _baton(shop, environment, "run", "--json", check=False)
            _baton(shop, environment, "send", "--json", check=False)

    worker = threading.Thread(target=work)
    with _process(shop, environment, "serve", "--port", "0", "--json") as serve:
        collector = _announced(serve)["listening"]
        worker.start()
        _say("the same by a process for each batch")
        later = send_live(collector, shop, rate=rate, seconds=60, first=first)
        sent = asyncio.run(later)
        _drain(log, sent)
        over.set()
        worker.join()
    lines = [json.loads(one) for one in log.read_text().splitlines()[before:]]
    found = _seconds(lines, sent)
    return {
        "baseline_p50_s": _quantile(found, 0.5),
        "baseline_p95_s": _quantile(found, 0.95),
        "baseline_messages": len(found),
    }


def _latencies(log: Path, sent: Sent) -> dict[str, Any]:
    lines = [json.loads(one) for one in log.read_text().splitlines()]
    found = _seconds(lines, sent)
    ordered = [seconds for _, seconds in sorted(_by_call(lines, sent))]
    third = max(len(ordered) // 3, 1)
    without, doubled = lines[1:], [*lines, lines[0]]
    return {
        "p50_s": _quantile(found, 0.5),
        "p95_s": _quantile(found, 0.95),
        "p99_s": _quantile(found, 0.99),
        "p95_first_third_s": _quantile(ordered[:third], 0.95),
        "p95_last_third_s": _quantile(ordered[-third:], 0.95),
        "messages": len({one["id"] for one in lines}),
        "acknowledged": len(sent.answered),
        "refused": sent.refused,
        "lost": _lost(lines, sent),
        "duplicates": _duplicates(lines),
        "controls": {
            "lost_when_an_entry_is_taken_out": _lost(without, sent),
            "duplicates_when_an_entry_is_doubled": _duplicates(doubled),
        },
    }


def _quotes(sent: Mapping[str, float]) -> dict[str, float]:
    """The calls that start a quote, by quote."""
    numbered = {int(one.removeprefix("live-")): at for one, at in sent.items()}
    return {f"lq{n}": at for n, at in numbered.items() if n % ONE_IN == 0}


def _by_call(lines: Iterable[Mapping[str, Any]], sent: Sent) -> list[tuple[float, float]]:
    made = _quotes(sent.made)
    known = [(made[one["quote_id"]], one["at"]) for one in lines if one["quote_id"] in made]
    return [(call, arrived - call) for call, arrived in known]


def _seconds(lines: Iterable[Mapping[str, Any]], sent: Sent) -> list[float]:
    return sorted(seconds for _, seconds in _by_call(lines, sent))


def _lost(lines: Iterable[Mapping[str, Any]], sent: Sent) -> int:
    arrived = {one["quote_id"] for one in lines}
    return sum(1 for quote in _quotes(sent.answered) if quote not in arrived)


def _duplicates(lines: Iterable[Mapping[str, Any]]) -> int:
    """Webhooks that came twice, and quotes that were told of by two messages."""
    known = list(lines)
    ids, quotes = (Counter(one[name] for one in known) for name in ("id", "quote_id"))
    return sum(times > 1 for times in (*ids.values(), *quotes.values()))


def _stages(shop: Shop, sent: Sent) -> dict[str, dict[str, float]]:
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        for table in ("messages", "attempts"):
            rows = _journal_rows(shop, table)
            con.register(f"journal_{table}", rows)
        sql = STAGES.replace("journal.messages", "journal_messages")
        result = con.execute(sql.replace("journal.attempts", "journal_attempts"))
        names = [column[0] for column in result.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    made = {one: _EPOCH + timedelta(seconds=at) for one, at in sent.made.items()}
    spans: dict[str, list[float]] = {}
    for row in rows:
        before = made.get(row["event_id"])
        for step in _STEPS:
            if before is not None and row[step] is not None:
                spans.setdefault(step, []).append((row[step] - before).total_seconds())
                before = row[step]
    return {
        step: {"p50_s": _quantile(found, 0.5), "p95_s": _quantile(found, 0.95)}
        for step, found in spans.items()
    }


def _journal_rows(shop: Shop, table: str) -> Any:
    import pandas as pd  # noqa: PLC0415  # takes half a second, and only this needs it
    from sqlalchemy import create_engine  # noqa: PLC0415

    engine = create_engine(f"sqlite:///{shop.folder / 'journal.db'}")
    with engine.connect() as connection:
        return pd.read_sql_table(table, connection)


def _quantile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)


def _growth(by_time: list[tuple[float, float]]) -> float:
    """How much more memory the last quarter of the run had than the second."""
    quarter = len(by_time) // 4
    if not quarter:
        return 0.0
    used = [mb for _, mb in by_time]
    return round(
        statistics.median(used[-quarter:]) - statistics.median(used[quarter : 2 * quarter])
    )


def _drain(log: Path, sent: Sent) -> None:
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until:
        lines = [json.loads(one) for one in log.read_text().splitlines()]
        if not _lost(lines, sent):
            return
        time.sleep(0.2)


class _Lines(threading.Thread):
    """What the continuous run says of its batches."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.seconds: list[float] = []
        self.start()

    def run(self) -> None:
        """Read until the process ends."""
        for line in self._process.stdout or ():
            facts = json.loads(line)
            if facts["rows_loaded"]:
                self.seconds.append(sum(facts["seconds"].values()))


def _wait_for_plan(watch: subprocess.Popen[str]) -> None:
    _say("the continuous run warms up")
    until = time.monotonic() + _LONGEST_START
    for line in watch.stdout or ():
        if json.loads(line)["runner"] == "plan":
            return
        if time.monotonic() > until:
            break
    raise click.ClickException("the continuous run did not come to its plan")


@contextmanager
def _desk(log: Path) -> Generator[str]:
    log.touch()
    command = [sys.executable, "-m", "benchmarks.live", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout  # noqa: S101  # piped above
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/desk"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _process(
    shop: Shop, environment: Mapping[str, str], *arguments: str
) -> Generator[subprocess.Popen[str]]:
    errors = (shop.folder / f"{arguments[0]}.err").open("a")
    process = subprocess.Popen(
        [_BATON, *arguments],
        cwd=shop.folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)


def _announced(process: subprocess.Popen[str]) -> dict[str, Any]:
    text = ""
    while not text.rstrip().endswith("}"):
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise click.ClickException("the collector did not start")
        text += line
    return json.loads(text)


def _baton(shop: Shop, environment: Mapping[str, str], *arguments: str, check: bool = True) -> None:
    with (shop.folder / f"{arguments[0]}.err").open("a") as errors:
        subprocess.run(
            [_BATON, *arguments],
            cwd=shop.folder,
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=errors,
            check=check,
        )


def _say(what: str) -> None:
    click.echo(what, err=True)


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
