"""Histories: many plots, and the batch times between which their records arrive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from hypothesis import strategies as st

from .arrivals import Arrival
from .plots import Plot
from .scenes import Dials, dice

GO_LIVE = datetime(2026, 3, 2, 9)
_GAPS = (
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=2, microseconds=1),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(days=1, hours=2),
    timedelta(days=30),
    timedelta(days=40),
)
_STEADY = Dials(is_skewed=False, is_rewritten=False, longest_delay=timedelta(days=3))


@dataclass(frozen=True)
class History:
    """A pure function of what its repr shows. The first batch, at `GO_LIVE`, finds nothing.

    A `steady` one has nothing in it that may depend on how it is sliced: no clock ahead, no
    version of a record that a full export or a later load hides, nothing later than the grace.
    """

    seed: int
    plots: int
    batches: int
    is_steady: bool = False

    @cached_property
    def batch_times(self) -> list[datetime]:
        """The batch times after `GO_LIVE`."""
        pick, at, times = dice(f"times {self.seed}"), GO_LIVE, list[datetime]()
        for _ in range(self.batches):
            at += pick.choice(_GAPS[:6] if self.is_steady else _GAPS)
            times.append(at)
        return times

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """Everything that arrives until the last batch."""
        dials = _STEADY if self.is_steady else Dials()
        plots = (
            Plot(self.seed * 1000 + number, self.batch_times, dials) for number in range(self.plots)
        )
        last = self.batch_times[-1]
        return [one for plot in plots for one in plot.arrivals() if one.arrives_at <= last]

    def in_another_order(self) -> list[Arrival]:
        """Return the same records, each arriving with any batch that it can arrive with."""
        pick = dice(f"order {self.seed}")
        return [
            replace(one, arrives_at=pick.choice(self._batches_from(one.arrives_at)))
            for one in self.arrivals
        ]

    def _batches_from(self, at: datetime) -> Sequence[datetime]:
        return [time for time in self.batch_times if time >= at]


def histories(*, plots: int, batches: int, is_steady: bool = False) -> st.SearchStrategy[History]:
    """Histories of one size. Only the seed is drawn: it takes a batch or more to try one."""
    return st.builds(
        History,
        seed=st.integers(0, 9_999),
        plots=st.just(plots),
        batches=st.just(batches),
        is_steady=st.just(is_steady),
    )
