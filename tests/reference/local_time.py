"""Waits: for a duration, for a local time, for one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Wait:
    """At least `after`, and then until it is `at` on one of the `days` (0 is Monday)."""

    after: timedelta
    at: time | None
    days: frozenset[int]

    def over(self, since: datetime, zone: str) -> datetime:
        """Return the instant (naive UTC) at which a wait from `since` (naive UTC) is over."""
        earliest = since + self.after
        if self.at is None:
            return earliest
        meant = (instant(day, self.at, zone) for day in _days_about(earliest))
        allowed = zip(_days_about(earliest), meant, strict=True)
        return min(at for day, at in allowed if at >= earliest and day.weekday() in self.days)


def instant(day: date, at: time, zone: str) -> datetime:
    """Return when it is that local time that day, in naive UTC.

    A time that the clocks skip is as much later as they skip, one that comes twice is meant the
    second time. With `fold=0` Python counts with the offset before the change, with `fold=1` with
    the one after it: the later of the two is right in both cases.
    """
    local = datetime.combine(day, at, ZoneInfo(zone))
    both = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(both).replace(tzinfo=None)


def _days_about(at: datetime) -> Iterator[date]:
    """Yield the days on which the next such local time may be, in any zone."""
    return (at.date() + timedelta(days=number) for number in range(-2, 12))
