"""Local times and days of the week as people write them in cards."""

import re
from collections.abc import Collection
from typing import cast

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = {"weekdays": DAYS[:5], "weekends": DAYS[5:]}
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
DAYS_MEND = f"use `weekdays`, `weekends`, or a list of {', '.join(DAYS)}"

_WRITTEN = re.compile(r"^([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_MINUTES_A_DAY = 24 * 60


def seconds_of_day(written: object) -> int | None:
    """Return the seconds after local midnight, None if it is no time such as `"09:00"`."""
    match = _WRITTEN.match(written) if isinstance(written, str) else None
    return int(match[1]) * 3600 + int(match[2]) * 60 if match else None


def time_mend(written: object) -> str:
    """Return how to write a time. YAML reads 10:30 without quotes as the number 630."""
    if type(written) is int and 0 <= written < _MINUTES_A_DAY:
        return f'put it in quotes: "{written // 60:02}:{written % 60:02}"'
    return 'write hours and minutes in quotes, such as "09:00"'


def days_of(written: object) -> tuple[str, ...]:
    """Return the days that are written as a word, a day or a list, in the order of the week.

    Raises ValueError naming what is no day.
    """
    if isinstance(written, str) and written in DAY_WORDS:
        return DAY_WORDS[written]
    items = cast("list[object]", written) if isinstance(written, list) else [written]
    for item in items:
        if item not in DAYS:
            raise ValueError(str(item))
    return tuple(day for day in DAYS if day in items)


def day_offsets(days: Collection[str]) -> str:
    """Return a digit for each day from Monday on: how many days it is to the next of `days`."""
    ahead = (next(wait for wait in range(7) if DAYS[(day + wait) % 7] in days) for day in range(7))
    return "".join(map(str, ahead))
