"""The live rules and the planned ones, each over its own copy of the same recent history."""

import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from baton.errors import BatonError
from baton.gate.copying import again
from baton.gate.decision_diff import DecisionDiff, decision_diff
from baton.gate.replay import live_in
from baton.gate.rewinding import rewind
from baton.gate.side import Side, order_of, replay_side, start_of
from baton.gate.slices import Span, read_span
from baton.micro_batch import MicroBatch
from baton.releases import Release
from baton.warehouse import reader, writer

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """The history that was decided twice, how both differ, and how long their first batch took."""

    span: Span
    diff: DecisionDiff
    first_batch_s: tuple[float, float]


def compare_sides(
    now: Side,
    planned: Side,
    live: Release,
    batches: MicroBatch,
    *,
    hours: float,
    slices: int,
    progress: Progress,
) -> Compared:
    """Rewind the copy of `now`, give `planned` a copy of that, decide both again, and compare.

    `live` is the release that is live in production, which the last batch need not have known of;
    `batches` are those of `now`. Raises `UsageError` when there is no recent history, `BatonError`
    in the words of the side that failed.
    """
    progress("reading the project as it is live")
    with reader(now.warehouse) as con:
        known = live_in(con)
    with _started(planned, known) as other, _ended(other):
        batches.dbt.checksum()
        with writer(now.warehouse) as con:
            span = read_span(con, hours=hours, most=slices)
            progress("bringing the copy back")
            rewind(con, batches.dbt, span.start)
        again(now.warehouse, planned.warehouse.parent)
        progress("deciding recent history again, both ways")
        _tell(other, start_of(span))
        replay_side(now, batches, span, None if live.release_id == known else live)
        _require_done(other)
    diff = decision_diff(now.effects, planned.effects)
    return Compared(span, diff, (now.first_batch_s, planned.first_batch_s))


def _started(side: Side, live: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "baton.gate.side", order_of(side, live)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def _ended(other: subprocess.Popen[str]) -> Generator[None]:
    """Do not wait for a process that nobody will tell to begin."""
    try:
        yield
    except BaseException:
        other.kill()
        raise


def _tell(other: subprocess.Popen[str], line: str) -> None:
    if other.stdin is not None:
        try:
            other.stdin.write(line + "\n")
            other.stdin.close()
        except BrokenPipeError:
            _require_done(other)


def _require_done(other: subprocess.Popen[str]) -> None:
    said = other.stderr.read() if other.stderr else ""
    if other.wait() != 0:
        raise BatonError(
            f"what is planned cannot be decided: {said.strip() or 'its process ended'}",
            where="dbt_project",
            mend="mend what the message names, then plan again",
        )
