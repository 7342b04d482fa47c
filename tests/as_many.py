"""How long tests of many cases go on: a slow machine tries fewer, never too few."""

import time
from collections.abc import Callable, Iterator

import pytest


def as_many_as_fit(
    seconds: float, *, at_most: int, until: Callable[[], bool] = lambda: True
) -> Iterator[int]:
    """Count from 0 while there is time, and on until `until` says that enough was seen."""
    ends = time.monotonic() + seconds
    for number in range(at_most):
        if time.monotonic() >= ends and until():
            return
        yield number


class Stretch:
    """So many seconds for tests that are many of a kind, from the first of them on."""

    def __init__(self, seconds: float, *, at_least: int) -> None:
        self._seconds = seconds
        self._at_least = at_least
        self._since: float | None = None
        self._done = 0

    def one_more(self) -> None:
        """Let one more test begin, or skip it when time is up and enough of them were there."""
        self._since = self._since or time.monotonic()
        if self._done >= self._at_least and time.monotonic() - self._since > self._seconds:
            pytest.skip(f"{self._done} of the kind took the {self._seconds:g} s there are for it")
        self._done += 1
