"""When something holds for an identifier: half-open intervals, and the edges of their union."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from baton.ids import make_id

from .cards import Condition
from .signals import END_OF_TIME, START_OF_TIME, Signal


@dataclass(frozen=True)
class Interval:
    """A guard holds for a node from `since` to before `until`."""

    guard: str
    subject: str
    node_id: str
    since: datetime
    until: datetime
    loaded_at: datetime

    @property
    def interval_id(self) -> str:
        return make_id("guard", self.guard, self.subject)

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def latest(versions: Iterable[Interval]) -> list[Interval]:
    """Return the last version of each interval, the versions given as they were loaded."""
    return list({one.interval_id: one for one in versions}.values())


def holds(condition: Condition, held: Iterable[Interval], at: datetime) -> bool:
    """Tell whether all wanted guards and none of the unwanted ones hold."""
    standing = {one.guard for one in held if one.holds(at)}
    return condition.wanted <= standing and not condition.unwanted & standing


def first_hold(condition: Condition, held: Iterable[Interval], due: datetime) -> datetime | None:
    """Return the first instant from `due` on at which the condition holds, None if never."""
    held = list(held)
    changes = {edge for one in held for edge in (one.since, one.until)}
    for at in sorted({due, *(edge for edge in changes if due < edge < END_OF_TIME)}):
        if holds(condition, held, at):
            return at
    return None


def edges(held: Iterable[Interval]) -> Iterator[Signal]:
    """Yield where guards of one person begin and cease to hold, as signals known at once."""
    real = [one for one in held if one.since < one.until]
    for guard in sorted({one.guard for one in real}):
        mine = [one for one in real if one.guard == guard]
        for since, until in _union(mine):
            if since > START_OF_TIME:
                yield _edge(f"enters {guard}", since, [i for i in mine if i.since == since])
            if until < END_OF_TIME:
                yield _edge(f"leaves {guard}", until, [i for i in mine if i.until == until])


def _union(held: Iterable[Interval]) -> list[tuple[datetime, datetime]]:
    """Return the stretches in which one of them holds; those that touch are one."""
    found: list[tuple[datetime, datetime]] = []
    for one in sorted(held, key=lambda each: each.since):
        if found and one.since <= found[-1][1]:
            since, until = found.pop()
            found.append((since, max(until, one.until)))
        else:
            found.append((one.since, one.until))
    return found


def _edge(name: str, at: datetime, causes: Iterable[Interval]) -> Signal:
    word = name.split(maxsplit=1)[0]
    cause = min(causes, key=lambda one: one.interval_id)
    event_id = make_id("edge", cause.interval_id, word)
    return Signal(name, event_id, cause.node_id, None, at, loaded_at=at)
