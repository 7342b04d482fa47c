"""The continuous run as a job: batch after batch in one warm process, told of now and then."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from baton.continuous import ContinuousRun, Pace
from baton.journal import Journal
from baton.micro_batch import Batch
from baton.promises import Speed
from dagster_defs import facts, speed
from dagster_defs.resources import BatonResource, in_dagster_words
from dagster_defs.sources import labels

Told = dg.AssetMaterialization | dg.AssetCheckEvaluation
_LABELS = labels()
_TOLD_EVERY_SECONDS = 30.0
_LOOK_SECONDS = 0.5


class ContinuousConfig(dg.Config):
    """How long one run goes on before another takes over, and how often it tells of itself.

    Promises of speed are looked at every `measured_every_seconds`.
    """

    minutes: float = 55
    told_every_seconds: float = _TOLD_EVERY_SECONDS
    measured_every_seconds: float = Pace.measure_seconds


class AtWork:
    """A continuous run in a thread: Dagster interrupts the op, never a batch."""

    def __init__(self, baton: BatonResource, journal: Journal, pace: Pace) -> None:
        self.work = ContinuousRun(baton.micro_batch(), journal, pace=pace)
        self._done: queue.Queue[Batch | BaseException | None] = queue.Queue()
        self._thread = threading.Thread(target=self._go, name="continuous run")

    def __enter__(self) -> "AtWork":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.work.stop()
        self._thread.join()

    def batches(self) -> Iterator[Batch | None]:
        """Yield each batch, and null now and then while there is none. Raises what ended it."""
        while True:
            try:
                batch = self._done.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                yield None
                continue
            if batch is None:
                return
            if isinstance(batch, BaseException):
                raise batch
            yield batch

    def _go(self) -> None:
        try:
            for batch in self.work.batches_in_turn():
                self._done.put(batch)
            self._done.put(None)
        except BaseException as error:  # raised again where Dagster sees it
            self._done.put(error)


class Thinned:
    """What is told of many batches: the latest of each table and model, and sums.

    One thing at a time, and no more before that is told: to log all at once would hold up the
    batch that is being done.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every = every_seconds
        self._told_at = time.monotonic()
        self._latest: dict[str, Callable[[], dg.AssetMaterialization]] = {}
        self._batches = 0
        self._seconds: list[float] = []
        self._speed: Speed | None = None
        self._due: deque[Told] = deque()

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        self._batches += 1
        self._seconds.append(sum(batch.seconds.values()))
        self._speed = batch.speed or self._speed
        self._latest |= facts.by_asset(batch, _LABELS)

    def told(self) -> Iterator[Told]:
        """Yield the next thing to tell, if there is one; call it now and then."""
        is_time = time.monotonic() - self._told_at >= self._every
        if is_time and self._batches and not self._due:
            self._gather()
        if self._due:
            yield self._due.popleft()

    def rest(self) -> Iterator[Told]:
        """Yield all that has not been told."""
        if self._batches:
            self._gather()
        yield from self._due
        self._due.clear()

    def _gather(self) -> None:
        about: dict[str, Any] = {
            "batches": self._batches,
            "slowest_batch_s": round(max(self._seconds), 3),
        }
        for made in self._latest.values():
            one = made()
            self._due.append(one.with_metadata({**one.metadata, **about}))
        if self._speed is not None:
            self._due += (speed.stages(self._speed), *speed.evaluations(self._speed))
        self._latest, self._batches, self._seconds, self._speed = {}, 0, [], None
        self._told_at = time.monotonic()


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Batch after batch, as soon as something arrives; makes room for other writers.",
)
def decide_continuously(
    context: dg.OpExecutionContext, config: ContinuousConfig, baton: BatonResource
) -> Iterator[Told | dg.Output[None]]:
    """Run until the time is over and another run waits to take over, or until terminated."""
    until = time.monotonic() + config.minutes * 60
    tell = Thinned(config.told_every_seconds)
    pace = Pace(measure_seconds=config.measured_every_seconds)
    with in_dagster_words(), baton.journal() as journal, AtWork(baton, journal, pace) as at_work:
        for batch in at_work.batches():
            if batch is not None:
                tell.add(batch)
                for one in (*batch.window.waiting, *batch.window.held):
                    context.log.warning("not taken in: %s: %s", one.path, one.reason)
            yield from tell.told()
            if time.monotonic() > until and at_work.work.has_standby():
                at_work.work.stop()
    yield from tell.rest()
    yield dg.Output(None)


@dg.job(
    tags={"baton/continuous": "decide"},
    description="The continuous run: decisions about a second after an event. Kept by a sensor.",
)
def continuous() -> None:
    """Decide until somebody takes over."""
    decide_continuously()
