"""Plots: what happens to a few people who share nothing with those of other plots.

A plot is a pure function of its name and the batch times, so a failing one can be looked at alone.
In a steady one an event that is told twice is told the same twice.
Times meet: events, guards, timers and batches fall on half hours, or just beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from baton.scratch import GuardRow, SignalRow

from .words import GUARDS, SIGNALS, ZONES, chance

START_OF_TIME, END_OF_TIME = datetime(1900, 1, 1), datetime(9999, 12, 31)
_HALF_HOUR, _INSTANT = timedelta(minutes=30), timedelta(microseconds=1)
_DELAYS = (0, 0, 0, 0, 0, 0.5, 1, 3, 6, 24, 48, 120)
_LENGTHS = (0, 0.5, 1, 1, 2, 2, 5, 12, 30)


@dataclass(frozen=True)
class Plot:
    """Nodes, and what is said of them window by window. Windows count from 0."""

    name: str
    batch_times: Sequence[datetime]
    is_steady: bool = False

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        count = self._chance("nodes").choice([1, 2, 2, 3, 4])
        return tuple(f"{self.name}n{number}" for number in range(count))

    @cached_property
    def signals(self) -> Sequence[Sequence[SignalRow]]:
        """The signals of each window, repeats among them."""
        pick, found = self._chance("signals"), [list[SignalRow]() for _ in self.batch_times]
        for number in range(pick.randint(4, 14)):
            at = self._about(pick)
            window = self._window_of(pick, at)
            if window is None:
                continue
            row = self._signal(pick, f"{self.name}e{number}", at, self.batch_times[window])
            found[window].append(row)
            for again in self._repeats(pick, row):
                later = pick.randrange(window, len(self.batch_times))
                found[later].append(replace(again, loaded_at=self.batch_times[later]))
        for rows in found:
            pick.shuffle(rows)
        return found

    @cached_property
    def guards(self) -> Sequence[Sequence[GuardRow]]:
        """The versions of guards of each window."""
        pick, found = self._chance("guards"), [list[GuardRow]() for _ in self.batch_times]
        for number in range(pick.randint(0, 6)):
            guard = pick.choice(GUARDS)
            for _ in range(pick.choice([1, 1, 2, 3])):
                window = pick.randrange(len(self.batch_times))
                at = self.batch_times[window]
                since, until = self._span(pick)
                node, subject = pick.choice(self.nodes), f"{self.name}g{number}"
                found[window].append(GuardRow(guard, subject, node, since, until, at))
        return found

    @cached_property
    def people(self) -> Sequence[Mapping[str, str]]:
        """Who each node is, window by window. A person is called after the oldest node."""
        pick, groups = self._chance("people"), [[node] for node in self.nodes]
        found: list[Mapping[str, str]] = []
        for _ in self.batch_times:
            groups = _regrouped(pick, groups)
            found.append({node: f"p{min(group)}" for group in groups for node in group})
        return found

    @cached_property
    def zones(self) -> Sequence[Mapping[str, str | None]]:
        """The time zones that become known in each window."""
        pick, persons = self._chance("zones"), [f"p{node}" for node in self.nodes]
        some = (0.6, *(0.1 for _ in self.batch_times[1:]))
        return [
            {one: pick.choice([*ZONES, None]) for one in persons if pick.random() < share}
            for share in some
        ]

    def _chance(self, part: str) -> Random:
        return chance(f"{self.name} {part}")

    def _about(self, pick: Random) -> datetime:
        """Return a time between two days before the first batch and the last batch."""
        first = self.batch_times[0] - timedelta(days=2)
        halves = (self.batch_times[-1] - first) // _HALF_HOUR
        spot = chance(f"{self.name} {pick.randint(1, 3)}").randrange(halves)
        near = spot + pick.choice([0, 0, 1, 2, 2, 3, 4, 7, 12, 48])
        nudge = pick.choice([0, 0, 0, 0, 0, 0, 1, -1]) * _INSTANT
        if pick.random() < 0.1:
            nudge = timedelta(seconds=pick.randint(1, 1700))
        return first + min(near, halves) * _HALF_HOUR + nudge

    def _window_of(self, pick: Random, at: datetime) -> int | None:
        arrives = at + timedelta(hours=pick.choice(_DELAYS))
        times = enumerate(self.batch_times)
        return next((number for number, time in times if arrives <= time), None)

    def _signal(self, pick: Random, event_id: str, at: datetime, loaded: datetime) -> SignalRow:
        key = pick.choice([f"{self.name}k1", f"{self.name}k1", f"{self.name}k2", None])
        return SignalRow(pick.choice(SIGNALS), event_id, pick.choice(self.nodes), key, at, loaded)

    def _repeats(self, pick: Random, row: SignalRow) -> Iterator[SignalRow]:
        """Yield the event once more, as it was or otherwise."""
        if pick.random() < 0.1:
            yield row
        if pick.random() < 0.05 and not self.is_steady:
            yield replace(row, occurred_at=row.occurred_at - _HALF_HOUR)

    def _span(self, pick: Random) -> tuple[datetime, datetime]:
        since = self._about(pick)
        until = since + timedelta(hours=pick.choice(_LENGTHS))
        if pick.random() < 0.1:
            since = START_OF_TIME
        if pick.random() < 0.2:
            until = END_OF_TIME
        return since, until


def _regrouped(pick: Random, groups: list[list[str]]) -> list[list[str]]:
    """Return the persons of the next window: perhaps two became one, or one fell apart."""
    if len(groups) > 1 and pick.random() < 0.25:
        one, other = pick.sample(groups, 2)
        return [group for group in groups if group not in (one, other)] + [one + other]
    whole = [group for group in groups if len(group) > 1]
    if whole and pick.random() < 0.2:
        broken = pick.choice(whole)
        pick.shuffle(broken)
        cut = pick.randint(1, len(broken) - 1)
        return [group for group in groups if group is not broken] + [broken[:cut], broken[cut:]]
    return groups
