"""Local days, weeks and months: where they begin."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LocalPeriod = Literal["day", "week", "month"]


def local_date(at: datetime, zone: str) -> date:
    """Return the date that it is in a zone at an instant (naive UTC)."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def first_day(day: date, period: LocalPeriod) -> date:
    """Return the first day of the period that a day is in; weeks begin on Monday."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def next_first_day(day: date, period: LocalPeriod) -> date:
    """Return the first day of the next period."""
    if period == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_day(day, period) + timedelta(days=7 if period == "week" else 1)


def beginning(day: date, zone: str) -> datetime:
    """Return the first instant (naive UTC) at which it is that day in a zone."""
    local = datetime.combine(day, time(0), ZoneInfo(zone))
    both = (local.replace(fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1))
    return min(at for at in both if local_date(at, zone) == day)
