"""Processes that are killed and come back, as under a supervisor."""

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_LOOK_SECONDS = 0.1
_RESTART_SECONDS = 1.0
_LONGEST_END = 120


@dataclass
class Kept:
    """One process that should always be there; what it says goes to files of its role."""

    role: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    starts: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def said(self) -> Path:
        """What it printed, over all its lives."""
        return self.folder / f"{self.role}.out"

    def start(self) -> None:
        """Begin a life."""
        self.starts += 1
        with self.said.open("a") as out, (self.folder / f"{self.role}.err").open("a") as errors:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdout=out,
                stderr=errors,
                text=True,
            )

    def kill(self) -> None:
        """End it as a power cut of this process would: SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code, that of a kill where it did not in two minutes."""
        if self.process is None:
            return 0
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=_LONGEST_END)
        self.process.kill()
        return self.process.wait()

    @property
    def is_dead(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def resident_mb(self) -> float:
        """Its memory with that of its children, 0 while it is dead."""
        if self.process is None or self.is_dead:
            return 0.0
        try:
            one = psutil.Process(self.process.pid)
            family = [one, *one.children(recursive=True)]
            return sum(each.memory_info().rss for each in family) / 2**20
        except psutil.NoSuchProcess:
            return 0.0


@dataclass(frozen=True)
class Kill:
    """When which role was killed; seconds since 1970."""

    at: float
    role: str


class Supervisor(threading.Thread):
    """Starts what has ended again, and kills by a schedule of seconds from `run` on."""

    def __init__(self, kept: Sequence[Kept], schedule: Sequence[tuple[float, str]]) -> None:
        super().__init__(daemon=True)
        self._kept = {one.role: one for one in kept}
        self._schedule = sorted(schedule)
        self._over = threading.Event()
        self.kills: list[Kill] = []
        self.deaths: list[str] = []
        """Roles that ended without being killed."""

    def run(self) -> None:
        """Keep watch until stopped."""
        began = time.monotonic()
        waiting = list(self._schedule)
        while not self._over.wait(_LOOK_SECONDS):
            for one in self._kept.values():
                if one.is_dead:
                    self.deaths.append(one.role)
                    self._again(one)
            if waiting and time.monotonic() - began >= waiting[0][0]:
                victim = self._kept[waiting.pop(0)[1]]
                victim.kill()
                self.kills.append(Kill(time.time(), victim.role))
                self._again(victim)

    def _again(self, one: Kept) -> None:
        time.sleep(_RESTART_SECONDS)
        one.start()

    def stop(self) -> None:
        """Let what is dead stay dead from now on."""
        self._over.set()
        self.join()


def free_port() -> int:
    """A port of the loopback that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
