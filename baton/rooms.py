"""Who holds the warehouse: one continuous run, and commands that ask it to make room.

Locks beside the file, all dropped by the kernel when their holder dies: `.lock` is the right to
write, `.runner` says that a continuous run is at work, `.asked` is shared by whoever waits for
room, `.standby` by whoever waits to become the next continuous run.
"""

import fcntl
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from baton.errors import Busy

PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02
_PROBES = 10
BUSY_MEND = (
    "wait for the other command to end, or close the tool that has the file open; then call again"
)


@contextmanager
def writing(warehouse: Path) -> Generator[None]:
    """Hold the right to write. Raises `Busy` when somebody else writes."""
    with _locked(_beside(warehouse, "lock"), fcntl.LOCK_EX) as is_mine:
        if not is_mine:
            what = "a batch is running on this warehouse"
            raise Busy(what, where=warehouse.name, mend=BUSY_MEND)
        yield


@contextmanager
def running(warehouse: Path) -> Generator[None]:
    """Be the one continuous run. Raises `Busy` when there is another."""
    for _ in range(_PROBES):
        with _locked(_beside(warehouse, "runner"), fcntl.LOCK_EX) as is_mine:
            if is_mine:
                yield
                return
        time.sleep(_PAUSE_SECONDS)  # somebody may only be looking whether there is a run
    raise Busy(
        "a continuous run is at work on this warehouse",
        where=warehouse.name,
        mend="let it work; to replace it, stop it first, or wait with --standby",
    )


@contextmanager
def standing_by(warehouse: Path) -> Generator[None]:
    """Be known as one who will run when the present continuous run ends."""
    with _locked(_beside(warehouse, "standby"), fcntl.LOCK_SH, waits=True):
        yield


def has_standby(warehouse: Path) -> bool:
    """Whether somebody waits to become the next continuous run."""
    return _is_locked(_beside(warehouse, "standby"), fcntl.LOCK_EX)


def is_running(warehouse: Path) -> bool:
    """Whether a continuous run is at work, as far as whoever asks may know."""
    return _is_locked(_beside(warehouse, "runner"), fcntl.LOCK_SH)


@contextmanager
def asking(warehouse: Path) -> Generator[Callable[[], bool]]:
    """Ask a continuous run to make room, as long as the context lasts.

    Yields a question to put after each failure: whether to try once more. It waits a moment before
    it says yes, and says no when no run is at work or patience is over.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    was_running = True

    def again() -> bool:
        nonlocal was_running
        time.sleep(_PAUSE_SECONDS)
        before, was_running = was_running, is_running(warehouse)
        return before and time.monotonic() < deadline

    if not is_running(warehouse):
        yield lambda: False
        return
    with _locked(_beside(warehouse, "asked"), fcntl.LOCK_SH, waits=True):
        yield again


def is_asked(warehouse: Path) -> bool:
    """Whether somebody waits for room."""
    return _is_locked(_beside(warehouse, "asked"), fcntl.LOCK_EX)


def _beside(warehouse: Path, name: str) -> Path:
    return warehouse.with_name(f"{warehouse.name}.{name}")


@contextmanager
def _locked(file: Path, kind: int, *, waits: bool = False) -> Generator[bool]:
    """Hold a lock on a file; yields whether it could be had. Who only looks is gone at once."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        yield _has_locked(descriptor, kind if waits else kind | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _is_locked(file: Path, kind: int) -> bool:
    """Whether somebody holds it otherwise; false where there is no file, or none to look at."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        return not _has_locked(descriptor, kind | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _has_locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        return False
    return True
