"""When things happen: the go-live, the slices after it, and which slice a record arrives in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from baton.errors import UsageError


@dataclass(frozen=True)
class Slice:
    """What arrives from `starts_at` until before `closes_at`, its batch time (naive UTC)."""

    number: int
    starts_at: datetime
    closes_at: datetime

    @property
    def label(self) -> str:
        """Two digits, as in the names of folders and files."""
        return f"{self.number:02d}"


@dataclass(frozen=True)
class Timeline:
    """The live part: it starts at `go_live` (naive UTC) and is cut into equal slices."""

    go_live: datetime
    hours: int
    every: timedelta

    def __post_init__(self) -> None:
        if self.hours < 1 or not timedelta(minutes=1) <= self.every <= timedelta(hours=1):
            raise UsageError(
                f"{self.hours} hours in slices of {self.every} cannot hold the planned outcomes",
                where="examples.retail.generate",
                mend="use at least 1 hour, in slices of 1 to 60 minutes",
            )

    @property
    def end(self) -> datetime:
        """The end of the live part."""
        return self.go_live + timedelta(hours=self.hours)

    @property
    def slices(self) -> tuple[Slice, ...]:
        """All slices, numbered from 1."""
        return tuple(
            Slice(n, self.go_live + (n - 1) * self.every, self.go_live + n * self.every)
            for n in range(1, self.slice_count + 1)
        )

    @property
    def slice_count(self) -> int:
        """How many slices fit into the live part."""
        return timedelta(hours=self.hours) // self.every

    def at(self, share: float) -> datetime:
        """The instant at a share of the live part, to the second: 0 is go-live, 1 the end."""
        return self.go_live + timedelta(seconds=int(share * self.hours * 3600))

    def slice_of(self, arrives_at: datetime) -> int:
        """0 is history, then the slice's number; a number past the last slice never arrives."""
        if arrives_at < self.go_live:
            return 0
        return (arrives_at - self.go_live) // self.every + 1
