"""How long a test of random histories goes on: a slow machine tries fewer, never too few."""

import time
from collections.abc import Callable, Iterator


def as_many_as_fit(
    seconds: float, *, at_most: int, until: Callable[[], bool] = lambda: True
) -> Iterator[int]:
    """Count from 0 while there is time, and on until `until` says that enough was seen."""
    ends = time.monotonic() + seconds
    for number in range(at_most):
        if time.monotonic() >= ends and until():
            return
        yield number
