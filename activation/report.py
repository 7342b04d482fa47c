"""What a call of the sender did."""

import math
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SendReport:
    """Messages per destination and new state, and what stood in the way.

    `claim_to_first_byte_ms` holds p50 and p99 of the wall-clock time from asking for the claim to
    the first byte; `halted` says why a destination was left before its queue was empty; `notes`
    what is missing in messages that went out all the same.
    """

    by_destination: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    recovered: Mapping[str, int] = field(default_factory=dict)
    halted: Mapping[str, str] = field(default_factory=dict)
    requests: int = 0
    claim_to_first_byte_ms: tuple[float, float] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def states(self) -> dict[str, int]:
        """Messages per new state over all destinations."""
        total: Counter[str] = Counter()
        for states in self.by_destination.values():
            total.update(states)
        return dict(total)


class Tally:
    """Counts while the sender works."""

    def __init__(self, recovered: Mapping[str, int]) -> None:
        self._recovered = dict(recovered)
        self._states: dict[str, Counter[str]] = {}
        self._halted: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._waits_ms: list[float] = []
        self._requests = 0

    def add(self, destination: str, states: Iterable[str], wait_ms: float | None) -> None:
        """One request is over; `wait_ms` is null when no byte left."""
        self._states.setdefault(destination, Counter()).update(states)
        self._requests += 1
        if wait_ms is not None:
            insort(self._waits_ms, wait_ms)

    def halt(self, destination: str, why: str) -> None:
        """A destination is left alone for the rest of this call."""
        self._halted.setdefault(destination, why)

    def note(self, destination: str, what: str | None) -> None:
        """Something is missing in what a destination sends; said once."""
        if what is not None:
            self._notes.setdefault(destination, what)

    def report(self) -> SendReport:
        """The counts so far."""
        states = {name: dict(counts) for name, counts in sorted(self._states.items())}
        waits = self._percentiles()
        halted = dict(self._halted)
        notes = dict(self._notes)
        return SendReport(states, self._recovered, halted, self._requests, waits, notes)

    def _percentiles(self) -> tuple[float, float] | None:
        if not self._waits_ms:
            return None
        last = len(self._waits_ms) - 1
        return self._waits_ms[last // 2], self._waits_ms[math.ceil(last * 0.99)]
