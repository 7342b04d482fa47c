"""Limits that stop a journey: rule 20."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .candidates import Candidate
from .facts import Facts
from .records import ENDED_STATES

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_MIDDLE = 84


@dataclass(frozen=True)
class Counted:
    """A message as limits count it; `state` is its latest one, None of a new one."""

    journey: str
    person: str
    decided_at: datetime
    state: str | None

    @property
    def is_new(self) -> bool:
        return self.state is None

    def age(self, now: datetime) -> timedelta:
        """Return how long ago it counts as decided."""
        return timedelta(0) if self.is_new else now - self.decided_at


@dataclass(frozen=True)
class Runaway:
    """A journey over a limit, with the numbers."""

    journey: str
    limit: str
    number: float
    most: float


def counted(known: Iterable[Candidate], facts: Facts) -> Iterator[Counted]:
    """Yield the messages of candidates that are decided to go out."""
    for one in known:
        if one.goes_out and one.message_decided_at:
            events = [event for event in facts.events if event.message_id == one.message_id]
            yield Counted(
                one.journey,
                facts.person_of[one.node_id],
                one.message_decided_at,
                events[-1].state if events else None,
            )


def runaways(
    messages: Iterable[Counted],
    limits: Mapping[str, float],
    resumed: Mapping[str, datetime],
    now: datetime,
) -> Iterator[Runaway]:
    """Yield who is over a limit; `resumed` is when a journey was let go again, by name."""
    recent = [
        one
        for one in messages
        if one.state not in ENDED_STATES and now - WEEK < one.decided_at <= now
    ]
    still = [
        one for one in recent if one.journey not in resumed or one.decided_at > resumed[one.journey]
    ]
    for journey in sorted({one.journey for one in recent if one.is_new}):
        last_hour = [one for one in still if one.journey == journey and one.age(now) < HOUR]
        is_resting = journey in resumed and now - resumed[journey] < HOUR
        usual = _usual([one for one in recent if one.journey == journey], now)
        yield from _of_journey(journey, len(last_hour), usual, limits, is_resting=is_resting)
    yield from _of_persons(still, limits, now)


def _of_journey(
    journey: str, number: int, usual: int, limits: Mapping[str, float], *, is_resting: bool
) -> Iterator[Runaway]:
    most = limits["journey_per_hour_most"]
    if number > most:
        yield Runaway(journey, "journey_per_hour_most", number, most)
        return
    most = max(limits["journey_per_hour_factor"] * usual, limits["journey_per_hour_least"])
    if number > most and not is_resting:
        yield Runaway(journey, "journey_per_hour_factor", number, most)


def _usual(messages: Sequence[Counted], now: datetime) -> int:
    """Return the 84th highest of the numbers of 168 hours."""
    numbers = Counter(one.age(now) // HOUR for one in messages)
    highest = sorted(numbers.values(), reverse=True)
    return highest[_MIDDLE - 1] if len(highest) >= _MIDDLE else 0


def _of_persons(
    still: Sequence[Counted], limits: Mapping[str, float], now: datetime
) -> Iterator[Runaway]:
    most, found = limits["person_per_day"], dict[str, int]()
    today = [one for one in still if one.age(now) < DAY]
    for person in {one.person for one in today if one.is_new}:
        mine = [one for one in today if one.person == person]
        if len(mine) > most:
            journey = _heaviest(mine)
            found[journey] = max(found.get(journey, 0), len(mine))
    for journey, number in found.items():
        yield Runaway(journey, "person_per_day", number, most)


def _heaviest(messages: Sequence[Counted]) -> str:
    numbers = Counter(one.journey for one in messages)
    adding = {one.journey for one in messages if one.is_new}
    return min(adding, key=lambda journey: (-numbers[journey], journey))
