"""The continuous run as a job of Dagster, with its daemon, code server and sensor, over a shop."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import psutil

from baton.errors import BatonError
from baton.warehouse import reader
from benchmarks.live import Shop

_BIN = Path(sys.executable).parent
_DEFINITIONS = ["-m", "dagster_defs.definitions"]
_BY_DBT = 3
_LONGEST_START = 300.0
_LONGEST_END = 60.0


@contextmanager
def scheduled(
    shop: Shop, root: Path, environment: Mapping[str, str]
) -> Generator[subprocess.Popen[str]]:
    """Yield the daemon once the run that its sensor asked for works by recorded statements.

    Dagster loads the definitions of a copy of the project, in which the shop's card stands.
    """
    _lay_out(shop, root)
    env = {**environment, "DAGSTER_HOME": str(shop.folder / ".dagster")}
    before = _windows(shop)
    with (shop.folder / "dagster.err").open("a") as log:
        subprocess.run(  # before the daemon: both would make the tables of an empty instance
            [_BIN / "dagster", "sensor", "start", "continuous_keeper", *_DEFINITIONS],
            cwd=shop.folder,
            env=env,
            stdout=log,
            stderr=log,
            check=True,
        )
        daemon = subprocess.Popen(
            [_BIN / "dagster-daemon", "run", *_DEFINITIONS],
            cwd=shop.folder,
            env=env,
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            _wait(shop, daemon, before + _BY_DBT)
            yield daemon
        finally:
            _end(daemon)


def _lay_out(shop: Shop, root: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "dagster_defs", shop.folder / "dagster_defs", ignore=ignored)
    shutil.copy(root / "pyproject.toml", shop.folder)
    (shop.folder / ".dagster").mkdir()
    shutil.copy(root / ".dagster" / "dagster.yaml", shop.folder / ".dagster")


def _wait(shop: Shop, daemon: subprocess.Popen[str], windows: int) -> None:
    """Wait for the run's first batches; each look makes room, upon which the run goes on."""
    until = time.monotonic() + _LONGEST_START
    while _windows(shop) <= windows:
        if daemon.poll() is not None or time.monotonic() > until:
            raise click.ClickException("the run of Dagster did not come to work: see dagster.err")
        time.sleep(0.5)


def _windows(shop: Shop) -> int:
    try:
        with reader(shop.folder / "baton.duckdb") as con:
            (row,) = con.execute("select count(*) from raw.windows").fetchall()
            return int(row[0])
    except BatonError:
        return 0


def _end(daemon: subprocess.Popen[str]) -> None:
    """End the daemon and what it has started: a run outlives it."""
    family = psutil.Process(daemon.pid).children(recursive=True) if daemon.poll() is None else []
    daemon.send_signal(signal.SIGTERM)
    for one in family:
        try:
            one.terminate()
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(family, timeout=_LONGEST_END)
    for one in alive:
        os.kill(one.pid, signal.SIGKILL)
    daemon.wait(timeout=_LONGEST_END)
