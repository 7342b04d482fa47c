"""Durations as people write them in cards and policies."""

import re

LONGEST_DAYS = 3650
DURATION_PATTERN = r"^[1-9][0-9]* (second|minute|hour|day|week)s?$"
DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'

_WRITTEN = re.compile(r"^(-?(?:0|[1-9][0-9]{0,11})) (second|minute|hour|day|week)s?\Z")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


def seconds_of(written: object) -> int | None:
    """Return the seconds a duration stands for, zero and negative ones too, None if it is none."""
    match = _WRITTEN.match(written) if isinstance(written, str) else None
    return int(match[1]) * _SECONDS[match[2]] if match else None


def duration_fault(written: object) -> tuple[str, str, str] | None:
    """Return code, message and mend of what is wrong with a duration, None when it is right."""
    seconds = seconds_of(written)
    if seconds is None:
        return "bad_duration", "is not a duration", DURATION_MEND
    if seconds <= 0:
        return "duration_not_positive", "must be longer than nothing", DURATION_MEND
    if seconds > LONGEST_DAYS * 86_400:
        return "duration_too_long", "is longer than ten years", f"{LONGEST_DAYS} days at most"
    return None
