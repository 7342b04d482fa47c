"""The processes of a shop that is measured: what starts them, listens to them, weighs them."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psutil

from benchmarks.live import Shop

_BATON = Path(sys.executable).with_name("baton")
_LONGEST_START = 600.0
_SAMPLE_SECONDS = 0.5


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


def prepare(shop: Shop, environment: Mapping[str, str]) -> dict[str, float]:
    """Activate a release, take the history in and decide on it; return how long that took."""
    started = time.perf_counter()
    baton(shop, environment, "release", "activate", "--reason", "benchmark", "--approved-by", "b")
    say("history is taken in and folded")
    baton(shop, environment, "run", "--json")
    return {"prepared_s": round(time.perf_counter() - started, 1)}


class Lines(threading.Thread):
    """What the continuous run says of batches that loaded something.

    `ended` is when each did so, by window: wall clock, seconds since 1970.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.seconds: list[float] = []
        self.rows = 0
        self.ended: dict[int, float] = {}
        self.start()

    def run(self) -> None:
        """Read until the process ends."""
        for line in self._process.stdout or ():
            facts = json.loads(line)
            if facts["rows_loaded"]:
                self.seconds.append(sum(facts["seconds"].values()))
                self.ended[facts["window_id"]] = time.time()
                self.rows += facts["rows_loaded"]


def wait_for_plan(watch: subprocess.Popen[str]) -> None:
    """Return once the continuous run works by recorded statements."""
    say("the continuous run warms up")
    until = time.monotonic() + _LONGEST_START
    for line in watch.stdout or ():
        if json.loads(line)["runner"] == "plan":
            return
        if time.monotonic() > until:
            break
    raise click.ClickException("the continuous run did not come to its plan")


@dataclass(frozen=True)
class AtWork:
    """The collector's address, what the continuous run says, and the memory of all."""

    collector: str
    batches: Lines
    memory: Memory


@contextmanager
def at_work(shop: Shop, environment: Mapping[str, str]) -> Generator[AtWork]:
    """Yield collector, continuous run and sender at work, once the run goes by its plan."""
    with (
        process(shop, environment, "serve", "--port", "0", "--json") as serve,
        process(shop, environment, "run", "--watch", "--json") as watch,
        process(shop, environment, "send", "--watch") as sender,
    ):
        collector = announced(serve)["listening"]
        wait_for_plan(watch)
        works = AtWork(collector, Lines(watch), Memory([serve, watch, sender]))
        works.memory.start()
        yield works


@contextmanager
def desk(log: Path) -> Generator[str]:
    """Yield the address of the receiver, a process of its own that writes `log`."""
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
def process(
    shop: Shop, environment: Mapping[str, str], *arguments: str
) -> Generator[subprocess.Popen[str]]:
    """Yield `baton` with these arguments; tell it to end at the end."""
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


def announced(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what the collector says when it listens."""
    text = ""
    while not text.rstrip().endswith("}"):
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise click.ClickException("the collector did not start")
        text += line
    return json.loads(text)


def baton(shop: Shop, environment: Mapping[str, str], *arguments: str, check: bool = True) -> None:
    """Run `baton` with these arguments to its end."""
    with (shop.folder / f"{arguments[0]}.err").open("a") as errors:
        subprocess.run(
            [_BATON, *arguments],
            cwd=shop.folder,
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=errors,
            check=check,
        )


def say(what: str) -> None:
    """Tell whoever watches."""
    click.echo(what, err=True)
