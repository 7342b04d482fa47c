"""Which windows are decided again, and in how many steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import duckdb

from baton.errors import UsageError


@dataclass(frozen=True)
class Slice:
    """Windows that are decided again as one; times are naive UTC, as the last of them had them."""

    window_id: int
    windows: int
    batch_time: datetime
    watermark: datetime
    from_seq: int
    to_seq: int


@dataclass(frozen=True)
class Span:
    """The recent history: what stood after window `start`, and the slices from there on."""

    start: Slice
    slices: tuple[Slice, ...]

    @property
    def windows(self) -> int:
        """How many windows production took for it."""
        return sum(one.windows for one in self.slices)


def read_span(con: duckdb.DuckDBPyConnection, *, hours: float, most: int) -> Span:
    """Return the windows of the last `hours` before the latest one, in at most `most` slices.

    Raises `UsageError` when there are not two windows, one to start from and one to decide again.
    """
    rows = con.execute(
        """select w.window_id, 1, w.batch_time, w.watermark, w.from_seq, w.to_seq
        from raw.windows as w where w.state = 'committed' order by w.window_id"""
    ).fetchall()
    known = [Slice(*row) for row in rows]
    earliest = known[-1].batch_time - timedelta(hours=hours) if known else None
    recent = [one for one in known[1:] if earliest is None or one.batch_time > earliest]
    if not recent:
        raise UsageError(
            "there is no recent history to decide again: fewer than two windows",
            where="raw.windows",
            mend="run more batches, or plan with --hours of a longer time",
        )
    start = known[known.index(recent[0]) - 1]
    return Span(start, tuple(_joined(part) for part in _parts(recent, most)))


def _parts(windows: Sequence[Slice], most: int) -> list[Sequence[Slice]]:
    """Parts of nearly equal length in time order, at most `most`."""
    count = min(most, len(windows))
    bounds = [len(windows) * number // count for number in range(count + 1)]
    return [windows[low:high] for low, high in pairwise(bounds)]


def _joined(part: Sequence[Slice]) -> Slice:
    last = part[-1]
    return Slice(
        last.window_id, len(part), last.batch_time, last.watermark, part[0].from_seq, last.to_seq
    )
