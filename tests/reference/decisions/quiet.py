"""Quiet hours: rules 5 to 7."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from reference.local_time import instant

from .policies import Action, Quiet

_CLAIM_TAKES = timedelta(minutes=15)
_DAY = timedelta(days=1)
_DAYS = {"all": range(7), "weekdays": range(5), "weekends": range(5, 7)}


class Span(NamedTuple):
    """It is quiet from `since` to before `until`, in naive UTC."""

    since: datetime
    until: datetime


def quiet_until(
    rows: Iterable[Quiet], action: Action, zone: str, now: datetime, latest: datetime
) -> datetime | None:
    """Return when the quiet of now ends, None if it is not quiet; at most `latest` is looked at.

    It counts from as long before as a message may be claimed after its last check.
    """
    until = None
    for span in sorted(_spans_of(rows, action, zone, now, latest)):
        if span.since <= max(until or now, now + _CLAIM_TAKES) and now < span.until:
            until = max(until or now, span.until)
    return until


def _spans_of(
    rows: Iterable[Quiet], action: Action, zone: str, now: datetime, latest: datetime
) -> Iterator[Span]:
    for row in rows:
        if row.covers(action):
            yield from _spans(row, zone, now, latest)


def _spans(row: Quiet, zone: str, now: datetime, latest: datetime) -> Iterator[Span]:
    """Yield the times that a row makes quiet from two days before now on."""
    day = now.date() - 2 * _DAY
    while day <= max(now, latest).date() + 2 * _DAY:
        if day.weekday() in _DAYS[row.days]:
            last_day = day if row.until > row.from_ else day + _DAY
            yield Span(instant(day, row.from_, zone), instant(last_day, row.until, zone))
        day += _DAY
