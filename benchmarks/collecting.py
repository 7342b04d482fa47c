"""The collector: how many events a second it keeps, how soon it answers, and whether it has them.

`python -m benchmarks.collecting [--seconds 20] [--small] [--json F] [--keep DIR]`

`baton serve` takes events over HTTP from a load in another process (`benchmarks.collecting_load`):
one event to a request, and batches of 100; as fast as 64 connections can, then at half of what is
promised (2,000 requests and 20,000 events a second), for which the p99 may be 100 ms. `LOST` looks
each acknowledged event up in the landed files; the control takes one event out of them. The same
loads go to a bare endpoint that appends each body to a file and syncs it, and does nothing else
(`benchmarks.collecting_peer`): `peer_*`. `cpu_ms` is computing time of the collector per request.
The answer waits for the disk: `sync_ms` is how long one sync of 4 KiB takes there.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import duckdb
import psutil

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks.collecting_load import Load
from benchmarks.live import WRITE_KEY, make_shop
from benchmarks.live_figures import quantile
from benchmarks.processes import announced, process, say

LOST = """
select count(distinct k.event_id)
from read_csv('{kept}', header = true, columns = {{event_id: 'varchar'}}) as k
anti join (
    select l.event_id
    from read_json('{landed}', format = 'newline_delimited', columns = {{event_id: 'varchar'}}) as l
    where {but}
) as l on k.event_id = l.event_id
"""
PROMISED = {"singles": 2_000, "batches": 20_000}
_SIZES = {"singles": 1, "batches": 100}
_SYNCS = 50


def measure(folder: Path, *, seconds: float) -> dict[str, Any]:
    """Load the collector, then the peer, in `folder`; return the figures."""
    shop = make_shop(folder, Project.find().root, history=1_000, end=wall_clock())
    environment = shop.environment("http://127.0.0.1:1/desk")
    with process(shop, environment, "serve", "--port", "0", "--json") as serve:
        port = announced(serve)["port"]
        own = _loads(folder, "baton", port, serve.pid, seconds)
    with _peer(folder / "peer.bodies") as (port, pid):
        peer = _loads(folder, "peer", port, pid, seconds)
    landed = shop.landing / "web" / "events-*.jsonl"
    kept = folder / "kept-baton-*.csv"
    some = _one(kept)
    return {
        "seconds": seconds,
        "sync_ms": round(_sync_ms(folder), 2),
        **own,
        "lost": _ask(LOST, kept, landed, "true"),
        "controls": {
            "lost_when_one_is_taken_out": _ask(LOST, kept, landed, f"l.event_id <> '{some}'")
        },
        **{f"peer_{name}": value for name, value in peer.items()},
        "ratio_singles": round(own["singles_per_s"] / peer["singles_per_s"], 1),
        "ratio_batches": round(own["batches_events_per_s"] / peer["batches_events_per_s"], 1),
        "query": " ".join(
            LOST.format(kept=kept.name, landed="web/" + landed.name, but="true").split()
        ),
    }


def _loads(folder: Path, who: str, port: int, pid: int, seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"acknowledged": 0, "refused": 0}
    for kind, size in _SIZES.items():
        for pace, rate in (("most", None), ("half", PROMISED[kind] / 2 / size)):
            name = f"{who}-{kind}-{pace}"
            say(f"{name} for {seconds:g} s")
            kept = str(folder / f"kept-{name}.csv")
            load = Load(name, port, WRITE_KEY, size, seconds, kept, rate)
            before = _cpu(pid)
            came = _run(load)
            requests = len(came["seconds"])
            figures["acknowledged"] += requests * size
            figures["refused"] += came["refused"]
            figures |= _figures(kind, pace, size, came)
            figures[f"{kind}_{pace}_cpu_ms"] = round((_cpu(pid) - before) / requests * 1000, 3)
    return figures


def _figures(kind: str, pace: str, size: int, came: Mapping[str, Any]) -> dict[str, Any]:
    found = came["seconds"]
    if pace == "most":
        name = f"{kind}_per_s" if size == 1 else f"{kind}_events_per_s"
        return {name: round(len(found) * size / (came["ended"] - came["began"]))}
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {f"{kind}_{name}_ms": quantile(found, share) * 1000 for name, share in shares.items()}


def _run(load: Load) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.collecting_load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"the load {load.name} ended: {done.stderr[-500:]}")
    return json.loads(done.stdout)


@contextmanager
def _peer(file: Path) -> Generator[tuple[int, int]]:
    command = [sys.executable, "-m", "benchmarks.collecting_peer", str(file)]
    peer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert peer.stdout  # noqa: S101  # piped above
        yield int(peer.stdout.readline()), peer.pid
    finally:
        peer.terminate()
        peer.wait()


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _sync_ms(folder: Path) -> float:
    """How long the disk takes for 4 KiB, in the middle of some."""
    file, found = folder / "syncs", list[float]()
    with file.open("wb", buffering=0) as stream:
        for _ in range(_SYNCS):
            since = time.perf_counter()
            stream.write(b"x" * 4096)
            os.fdatasync(stream.fileno())
            found.append(time.perf_counter() - since)
    return statistics.median(found) * 1000


def _one(kept: Path) -> str:
    file = min(kept.parent.glob(kept.name))
    return file.read_text().splitlines()[1]


def _ask(sql: str, kept: Path, landed: Path, but: str) -> int:
    with duckdb.connect() as con:
        row = con.execute(sql.format(kept=kept, landed=landed, but=but)).fetchone()
    return row[0] if row else 0


@click.command()
@click.option("--seconds", default=20.0, show_default=True, help="How long each load.")
@click.option("--small", is_flag=True, help="3 s each.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(*, seconds: float, small: bool, json_file: Path | None, keep: Path | None) -> None:
    """Measure the collector; the last thing printed is one JSON object."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder, seconds=3.0 if small else seconds)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
