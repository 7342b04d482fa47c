"""What the headers of an answer say of the account's limits.

`RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10 and its earlier
form with three headers; `X-RateLimit-Limit`, `-Remaining`, `-Reset` as most vendors send them.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from activation.exchange import Window

_POLICY = re.compile(r"(?:^|,)\s*(?:\"[^\"]*\"|[^;,\s]+)\s*;([^,]*)")
_OLD_POLICY = re.compile(r"(?:^|,)\s*(\d+)\s*;\s*w=(\d+)")
_EPOCH_SECONDS = 10**9
_EPOCH_MILLISECONDS = 10**12
_EPOCH = datetime(1970, 1, 1)
LONGEST_WAIT = 86_400.0


@dataclass(frozen=True)
class Quota:
    """Requests that remain for `reset_seconds` (null: it does not say), and windows it names."""

    remaining: int | None = None
    reset_seconds: float | None = None
    windows: tuple[Window, ...] = ()


def read_quota(headers: Mapping[str, str], now: datetime) -> Quota:
    """The quota in headers (names in lower case) of an answer that came at `now`, UTC."""
    remaining, reset = _left(headers, now)
    return Quota(remaining, reset, _windows(headers))


def wait_seconds(told: float, now: datetime) -> float:
    """Seconds to wait from `now`, UTC, at least 0 and at most `LONGEST_WAIT`.

    A wait is told in seconds, or as the time when it ends: epoch seconds or milliseconds.
    """
    if told >= _EPOCH_SECONDS:
        at = told / 1000 if told >= _EPOCH_MILLISECONDS else told
        told = at - (now - _EPOCH).total_seconds()
    return float(min(max(told, 0), LONGEST_WAIT))


def _left(headers: Mapping[str, str], now: datetime) -> tuple[int | None, float | None]:
    tightest = min(_items(headers.get("ratelimit", ""), "r", "t"), default=None)
    if tightest is not None:
        return tightest
    for prefix in ("ratelimit-", "x-ratelimit-"):
        remaining = _number(headers.get(f"{prefix}remaining"))
        reset = _number(headers.get(f"{prefix}reset"))
        if remaining is not None:
            return int(remaining), None if reset is None else wait_seconds(reset, now)
    return None, None


def _windows(headers: Mapping[str, str]) -> tuple[Window, ...]:
    policy = headers.get("ratelimit-policy", "")
    pairs = _items(policy, "q", "w") or [
        (int(quota), float(seconds))
        for text in (policy, headers.get("ratelimit-limit", ""))
        for quota, seconds in _OLD_POLICY.findall(text)
    ]
    return tuple(Window(quota, seconds) for quota, seconds in pairs if quota and seconds)


def _items(text: str, amount: str, seconds: str) -> list[tuple[int, float]]:
    """Pairs of two parameters of each item of a list, such as `"default";r=50;t=30`."""
    found: list[tuple[int, float]] = []
    for parameters in _POLICY.findall(text):
        values = dict(re.findall(r"(\w+)\s*=\s*(\d+)", parameters))
        if amount in values and seconds in values:
            found.append((int(values[amount]), float(values[seconds])))
    return found


def _number(text: str | None) -> float | None:
    try:
        number = float(text.split(",")[0]) if text else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None
