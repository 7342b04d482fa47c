"""The continuous run: batch after batch on a warehouse that stays open, as soon as there is news.

News is a file in the landing folder, a row in the journal, or a time that comes due. Between two
batches the run makes room for whoever asks, and goes on when they are done.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from watchfiles import watch

from baton import rooms
from baton.errors import Busy, Refused
from baton.intake.landing import listed
from baton.journal import Journal
from baton.journal_feeds import known_of
from baton.micro_batch import Batch, MicroBatch
from baton.warehouse import holder

_LOOK_SECONDS = 0.1
_LISTING_SECONDS = 1.0
_SETTLE_MS = 20
_FOLD_BYTES = 64 * 2**20
_MUCH_LARGER = 1.25
_FEW_BATCHES = 5
_TIMES_FIXED = 3


@dataclass(frozen=True)
class Pace:
    """How a continuous run works.

    Without news a batch runs every `idle_seconds`: it restates what waits in the journal. A window
    takes as many rows as were decided in about `target_seconds` (longer where every batch takes
    much of it, see `Limit`), between `least` and `most`. Every `prove_every` batches, 0 for never,
    plan and dbt are compared. Promises of speed are looked at every `measure_seconds`.
    """

    idle_seconds: float = 30.0
    target_seconds: float = 1.5
    least: int = 2_000
    most: int = 200_000
    prove_every: int = 0
    measure_seconds: float = 60.0


class Limit:
    """How many rows a window may take: adapted to what batches of late have cost.

    What every batch costs, whatever comes, is the least that one of the last few small ones took.
    Where that is much of the target (a slow machine, a long history), the target is longer: small
    windows would spend their time on it and never catch up.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._of_small: deque[float] = deque(maxlen=_FEW_BATCHES)
        self.rows = pace.least * 10

    def learn(self, rows: int, seconds: float) -> None:
        """Grow while full windows are fast, shrink when a batch took twice the target."""
        if rows <= self._pace.least:
            self._of_small.append(seconds)
        fixed = min(self._of_small, default=0.0)
        target = max(self._pace.target_seconds, _TIMES_FIXED * fixed)
        if rows >= self.rows and seconds < target:
            self.rows = min(self.rows * 2, self._pace.most)
        elif rows > self._pace.least and seconds > 2 * target:
            self.rows = max(min(rows, self.rows) // 2, self._pace.least)


class _OvertakenError(Exception):
    """Another run was faster."""


class ContinuousRun:
    """Batches of one project until it is told to stop."""

    def __init__(
        self,
        batches: MicroBatch,
        journal: Journal,
        *,
        pace: Pace | None = None,
        now: Callable[[], datetime] | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._batches = batches
        self._journal = journal
        self._pace = pace or Pace()
        self._now = now or journal.now
        self._is_stopped = False
        self._news = threading.Event()
        self._tell = tell
        self._limit = Limit(self._pace)
        self._count = 0
        self._planned_for = 0
        self._is_clock_behind = False
        self._measured_at = time.monotonic()
        self.waits_for: str | None = None
        """What keeps the run from working now, null while nothing does."""

    def stop(self) -> None:
        """End after the batch that is being done; safe in a signal handler: it takes no lock."""
        self._is_stopped = True

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to end."""
        return self._is_stopped

    def has_standby(self) -> bool:
        """Whether another run waits to take over."""
        return rooms.has_standby(self._batches.project.warehouse)

    def batches_in_turn(self) -> Iterator[Batch]:
        """The same as `batches`, once the run that is at work has ended."""
        warehouse = self._batches.project.warehouse
        while not self.is_stopped:
            with rooms.standing_by(warehouse):
                while rooms.is_running(warehouse) and not self.is_stopped:
                    self._wait_for("another continuous run is at work")
            if not self.is_stopped:
                self._batches.read_again_if_changed()
                with suppress(_OvertakenError):
                    yield from self._batches_or_overtaken()
                    return

    def _batches_or_overtaken(self) -> Iterator[Batch]:
        batches = self.batches()
        try:
            first = next(batches, None)
        except Busy as busy:
            raise _OvertakenError from busy
        if first is not None:
            yield first
            yield from batches

    def batches(self) -> Iterator[Batch]:
        """Yield each batch when it is done, until `stop`.

        Raises `Busy` when another continuous run is at work, and what a batch raises; a journal
        or warehouse that others hold is waited for.
        """
        warehouse = self._batches.project.warehouse
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        self._batches.project.ensure_landing()
        with rooms.running(warehouse), self._watching(self._batches.project.landing):
            while not self.is_stopped:
                try:
                    yield from self._while_alone(warehouse)
                except Busy as busy:
                    self._wait_for(busy.what)
                except Refused:
                    if not rooms.is_asked(warehouse):  # else who asks may be about to mend it
                        raise
                self._make_room(warehouse)

    def _while_alone(self, warehouse: Path) -> Iterator[Batch]:
        with holder(warehouse) as con:
            self.waits_for = None
            self._planned_for = warehouse.stat().st_size
            while not self.is_stopped:
                self._news.clear()
                rows = self._limit.rows
                batch = self._one(con)
                yield batch
                self._fold_log(con, warehouse)
                if not batch.window.has_more(rows):
                    self._rest(con, warehouse)
                if rooms.is_asked(warehouse):
                    return

    def _one(self, con: duckdb.DuckDBPyConnection) -> Batch:
        self._count += 1
        every = self._pace.prove_every
        since = time.perf_counter()
        is_measured = self._is_time_to_measure()
        batch = self._batches.run_on(
            con,
            self._journal,
            now=self._now(),
            limit=self._limit.rows,
            is_proof=every > 0 and self._count % every == 0,
            is_measured=is_measured,
            is_judged=is_measured,
        )
        self._limit.learn(batch.window.counts.rows_read, time.perf_counter() - since)
        self._tell_of_clock(batch)
        return batch

    def _tell_of_clock(self, batch: Batch) -> None:
        fault = batch.clock_fault
        if fault is not None and not self._is_clock_behind:
            self._tell(fault)
        self._is_clock_behind = fault is not None

    def _is_time_to_measure(self) -> bool:
        is_time = time.monotonic() - self._measured_at >= self._pace.measure_seconds
        if is_time:
            self._measured_at = time.monotonic()
        return is_time

    def _rest(self, con: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
        """Wait for news, for somebody who asks for room, or for the idle time to pass."""
        if self._news.is_set():
            return
        until = time.monotonic() + min(self._pace.idle_seconds, self._seconds_to_due(con))
        known = known_of(con)
        look_at = time.monotonic() + _LISTING_SECONDS
        listing = _listing(self._batches.project.landing)
        while time.monotonic() < until and not self.is_stopped:
            if self._news.wait(_LOOK_SECONDS) or rooms.is_asked(warehouse):
                return
            if self._journal.has_news(known):
                return
            if time.monotonic() > look_at:  # where the system tells nothing of files
                if _listing(self._batches.project.landing) != listing:
                    return
                look_at = time.monotonic() + _LISTING_SECONDS

    def _seconds_to_due(self, con: duckdb.DuckDBPyConnection) -> float:
        due = self._batches.next_due(con)
        return float("inf") if due is None else max((due - self._now()).total_seconds(), 0.0)

    def _fold_log(self, con: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
        """Fold a write-ahead log that has grown into the file.

        Not at the engine's own threshold: that takes many seconds. To plan all statements anew
        takes as long as to fold, so plans stay until the file has outgrown them.
        """
        log = warehouse.with_name(f"{warehouse.name}.wal")
        if not log.exists() or log.stat().st_size <= _FOLD_BYTES:
            return
        self._batches.room.give_all(con)
        con.execute("checkpoint")
        size = warehouse.stat().st_size
        if size > self._planned_for * _MUCH_LARGER:
            self._batches.hot.plan_anew(con)
            self._planned_for = size

    def _make_room(self, warehouse: Path) -> None:
        while rooms.is_asked(warehouse) and not self.is_stopped:
            self._wait_for("another command has the warehouse")

    def _wait_for(self, what: str) -> None:
        """Wait a moment; what for is told once, and again after work."""
        if self.waits_for != what:
            self.waits_for = what
            self._tell(f"waiting: {what}")
        time.sleep(_LOOK_SECONDS)

    @contextmanager
    def _watching(self, landing: Path) -> Generator[None]:
        ended = threading.Event()

        def look() -> None:
            while not ended.is_set():
                try:
                    self._hear(landing, ended)
                except (OSError, RuntimeError) as error:
                    self._tell(f"files are looked for once a second: {error}")
                    ended.wait(_LISTING_SECONDS * 10)

        thread = threading.Thread(target=look, name="landing", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _hear(self, landing: Path, ended: threading.Event) -> None:
        for _ in watch(
            landing,
            watch_filter=None,
            debounce=_SETTLE_MS * 2,
            step=_SETTLE_MS,
            stop_event=ended,
            rust_timeout=500,
        ):
            self._news.set()


def _listing(landing: Path) -> set[tuple[str, int, int]]:
    return {(one.path, one.size, one.modified_ns) for one in listed(landing, [])}
