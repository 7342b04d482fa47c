"""What a call of the sender did."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_PER_MS = 100  # waits are counted in hundredths of a millisecond


@dataclass(frozen=True)
class SendReport:
    """Messages per destination and new state, and what stood in the way.

    `claim_to_first_byte_ms` holds p50 and p99 of the wall-clock time from asking for the claim to
    the first byte; `halted` says why a destination was left before its queue was empty; `notes`
    what is missing in messages that went out all the same; `waiting` how many are left unsent per
    destination, null while it works.
    """

    by_destination: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    recovered: Mapping[str, int] = field(default_factory=dict)
    halted: Mapping[str, str] = field(default_factory=dict)
    requests: int = 0
    claim_to_first_byte_ms: tuple[float, float] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, int] | None = None

    @property
    def states(self) -> dict[str, int]:
        """Messages per new state over all destinations."""
        total: Counter[str] = Counter()
        for states in self.by_destination.values():
            total.update(states)
        return dict(total)


def merged(reports: Sequence[SendReport]) -> SendReport:
    """One report of several senders that worked at once; times are those of the slowest."""
    by_destination: dict[str, Counter[str]] = {}
    recovered: Counter[str] = Counter()
    for report in reports:
        recovered.update(report.recovered)
        for name, states in report.by_destination.items():
            by_destination.setdefault(name, Counter()).update(states)
    times = [one.claim_to_first_byte_ms for one in reports if one.claim_to_first_byte_ms]
    return SendReport(
        by_destination={name: dict(states) for name, states in sorted(by_destination.items())},
        recovered=dict(recovered),
        halted={name: why for one in reports for name, why in one.halted.items()},
        requests=sum(one.requests for one in reports),
        claim_to_first_byte_ms=(max(a for a, _ in times), max(b for _, b in times))
        if times
        else None,
        notes={name: note for one in reports for name, note in one.notes.items()},
        waiting=reports[-1].waiting if reports else None,
    )


class Tally:
    """Counts while the sender works."""

    def __init__(self, recovered: Mapping[str, int]) -> None:
        self._recovered = Counter(recovered)
        self._states: dict[str, Counter[str]] = {}
        self._halted: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._waits: Counter[int] = Counter()
        self._requests = 0

    def add(self, destination: str, states: Iterable[str], wait_ms: float | None) -> None:
        """One request is over; `wait_ms` is null when no byte left."""
        self._states.setdefault(destination, Counter()).update(states)
        self._requests += 1
        if wait_ms is not None:
            self._waits[round(wait_ms * _PER_MS)] += 1

    def recover(self, states: Mapping[str, int]) -> None:
        """Claims that a dead sender left were settled."""
        self._recovered.update(states)

    def change(self, destination: str, states: Iterable[str]) -> None:
        """Messages came to other states without a request of their own."""
        self._states.setdefault(destination, Counter()).update(states)

    def halt(self, destination: str, why: str) -> None:
        """A destination is left alone for the rest of this call."""
        self._halted.setdefault(destination, why)

    def go_on(self, destination: str) -> None:
        """A destination that was left is served again."""
        self._halted.pop(destination, None)

    def note(self, destination: str, what: str | None) -> None:
        """Something is missing in what a destination sends; said once."""
        if what is not None:
            self._notes.setdefault(destination, what)

    def report(self, waiting: Mapping[str, int] | None = None) -> SendReport:
        """The counts so far."""
        states = {name: dict(counts) for name, counts in sorted(self._states.items())}
        waits = self._percentiles()
        halted = dict(self._halted)
        notes = dict(self._notes)
        return SendReport(
            states, dict(self._recovered), halted, self._requests, waits, notes, waiting
        )

    def _percentiles(self) -> tuple[float, float] | None:
        if not self._waits:
            return None
        last = self._waits.total() - 1
        return self._wait_at(last // 2), self._wait_at(math.ceil(last * 0.99))

    def _wait_at(self, place: int) -> float:
        for wait in sorted(self._waits):
            place -= self._waits[wait]
            if place < 0:
                return wait / _PER_MS
        raise IndexError(place)
