"""Starts the worker again and again, and kills its process group at chosen moments."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from examples.retail.receivers import ReceiverLog

Place = Literal[
    "landing",
    "intake",
    "intake commit",
    "dbt",
    "commit",
    "hand-over",
    "sending",
    "mail received",
    "webhook received",
]

_TESTS = Path(__file__).parents[1]
_PATIENCE_SECONDS = 180
_POLL_SECONDS = 0.0005

# The phase in which a place lies, and how many seconds after its beginning to kill at most.
_PHASES: Mapping[Place, tuple[str, float]] = {
    "landing": ("landing", 0.003),
    "intake": ("taking in", 0.3),
    "intake commit": ("taking in", 0.004),
    "dbt": ("deciding", 2.0),
    "commit": ("deciding", 0.004),
    "hand-over": ("handing over", 0.25),
    "sending": ("sending", 0.2),
    "mail received": ("sending", 0.0),
    "webhook received": ("sending", 0.0),
}
_AT_COMMIT: frozenset[Place] = frozenset({"intake commit", "commit"})
_WHEN_RECEIVED: Mapping[Place, frozenset[str]] = {
    "mail received": frozenset({"mail"}),
    "webhook received": frozenset({"sms_gateway", "crm_tasks"}),
}


@dataclass(frozen=True)
class Plan:
    """Where the next kill shall fall: not before a slice, and then at a place."""

    place: Place
    from_slice: int


@dataclass(frozen=True)
class Kill:
    """A kill that happened; `phase` is what the worker had told last."""

    plan: Plan
    phase: str
    slice: int


class AmbushLog(ReceiverLog):
    """A receivers' log that can kill when a message has been received and not yet answered."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._victim: Life | None = None
        self._kinds: frozenset[str] = frozenset()

    def lie_in_wait(self, victim: "Life | None", kinds: frozenset[str] = frozenset()) -> None:
        """Kill the victim when the next message of one of the kinds has been received."""
        self._victim, self._kinds = victim, kinds

    def add(self, kind: str, status: str, **facts: object) -> None:
        """Note the event, then kill."""
        super().add(kind, status, **facts)
        if self._victim is not None and status == "accepted" and kind in self._kinds:
            self._victim.kill()
            self._victim = None


class Life:
    """One worker process in a group of its own, and the phases that it tells."""

    def __init__(self, root: Path, minutes: Sequence[int], environment: Mapping[str, str]) -> None:
        self.told: list[tuple[int, str]] = []
        self._is_over = False
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crash.worker", str(root), *map(str, minutes)],
            env={**os.environ, **environment, "PYTHONPATH": _python_path()},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def is_over(self) -> bool:
        """Tell whether the process has ended."""
        return self._is_over

    def wait_for(self, phase: str, from_slice: int) -> bool:
        """Wait until a phase begins in that slice or a later one; false if the worker ended."""

        def has_begun() -> bool:
            return any(told == phase and n >= from_slice for n, told in self.told)

        with self._news:
            self._news.wait_for(lambda: has_begun() or self._is_over, _PATIENCE_SECONDS)
            return has_begun() and not self._is_over

    def kill(self) -> None:
        """Kill -9 the whole process group."""
        os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> int:
        """Wait for the end; returns the exit code, negative for a signal."""
        code = self._process.wait(_PATIENCE_SECONDS)
        self._reader.join()
        return code

    def _read(self) -> None:
        for line in self._process.stdout or ():
            number, _, phase = line.strip().partition(" ")
            with self._news:
                self.told.append((int(number), phase))
                self._news.notify_all()
        with self._news:
            self._is_over = True
            self._news.notify_all()


class Killer:
    """Runs the worker over the stores in `root` until it comes to its end."""

    def __init__(
        self,
        root: Path,
        minutes: Sequence[int],
        environment: Mapping[str, str],
        log: AmbushLog,
        random: Random,
    ) -> None:
        self.kills: list[Kill] = []
        self._root, self._minutes, self._environment = root, minutes, environment
        self._log, self._random = log, random

    def run(self, plans: Sequence[Plan]) -> None:
        """Kill as planned, then let the worker come to its end.

        Raises AssertionError when a worker ends by itself too early, or with an error.
        """
        for plan in plans:
            life = self._life()
            self._strike(life, plan)
            if (code := life.end()) != -signal.SIGKILL:
                raise AssertionError(f"the worker ended with code {code} before {plan}")
            number, phase = life.told[-1] if life.told else (-1, "starting")
            self.kills.append(Kill(plan, phase, number))
        if (code := self._life().end()) != 0:
            raise AssertionError(f"the worker ended with code {code}")

    def _strike(self, life: Life, plan: Plan) -> None:
        phase, longest = _PHASES[plan.place]
        if not life.wait_for(phase, plan.from_slice):
            return
        if plan.place in _WHEN_RECEIVED:
            self._log.lie_in_wait(life, _WHEN_RECEIVED[plan.place])
            if life.wait_for("resting", plan.from_slice):
                self._log.lie_in_wait(None)
                life.kill()
            return
        if plan.place in _AT_COMMIT:
            self._wait_for_commit(life)
        time.sleep(self._random.uniform(0, longest))
        if not life.is_over():
            life.kill()

    def _wait_for_commit(self, life: Life) -> None:
        """Wait until the warehouse's log grows: DuckDB writes it when a transaction commits."""
        log = self._root / "baton.duckdb.wal"
        before = _size(log)
        while _size(log) <= before and not life.is_over():
            time.sleep(_POLL_SECONDS)

    def _life(self) -> Life:
        return Life(self._root, self._minutes, self._environment)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _python_path() -> str:
    return os.pathsep.join((str(_TESTS), str(_TESTS.parent), os.environ.get("PYTHONPATH", "")))
