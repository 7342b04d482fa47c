"""Where a plot takes place: a few people who share things, and times that meet at the edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .arrivals import Arrival

_HOURS = [0.0, 0.5, 1, 2, 3, 4, 6, 24, 26, 48, 720]
# Just beside an edge, but further than the microsecond by which a batch moves a still clock on.
_NUDGES = [timedelta(0), timedelta(microseconds=50), timedelta(seconds=1), timedelta(minutes=7)]


@dataclass(frozen=True)
class Dials:
    """What may happen in a plot.

    `is_skewed`: clocks run ahead. `is_rewritten`: contacts and cases have versions that say other
    things than the first. `longest_delay`: how late a record may be.
    """

    is_skewed: bool = True
    is_rewritten: bool = True
    longest_delay: timedelta = timedelta(days=60)


@dataclass(frozen=True)
class Person:
    """Somebody, and the identifiers that systems know them by."""

    number: str
    devices: tuple[str, ...]
    users: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    contacts: tuple[str, ...]


def dice(name: str) -> Random:
    """Return random numbers that are the same for the same name, everywhere."""
    return Random(name)  # noqa: S311


class Scene:
    """People, quotes and random choices of one plot."""

    def __init__(self, seed: int, dials: Dials) -> None:
        self.name = f"{seed:x}"
        self.dials = dials
        self.pick = dice(f"plot {seed}")
        self._seed = seed
        self._serial = 0
        count = self.pick.choice([1, 1, 2, 2, 3])
        self.people = [self._person(f"{self.name}-{number}") for number in range(count)]
        self.country = self.pick.choice(["US", "US", "DE", "CA", None])
        self.quotes = [f"q{self.name}-{at}" for at in range(self.pick.randint(1, 3))]

    def new_key(self) -> str:
        """Return a key that no other record of any plot has."""
        self._serial += 1
        return f"{self.name}-{self._serial}"

    def edge(self) -> timedelta:
        """Return a distance at which something falls due, or just beside it, or any."""
        if self.pick.random() < 0.3:
            return timedelta(seconds=self.pick.randint(0, 3 * 86_400))
        nudge = self.pick.choice(_NUDGES) * self.pick.choice([-1, 0, 0, 1])
        return timedelta(hours=self.pick.choice(_HOURS)) + nudge

    def arrive(
        self,
        table: str,
        column: str,
        at: datetime,
        values: Mapping[str, object],
    ) -> Arrival:
        """Return a new record with its key in `column`, arriving some time after `at`.

        Where clocks may run ahead it seldom arrives before.
        """
        key = self.new_key()
        arrives_at = self.arrival_of(at, may_be_early=True)
        return Arrival(table, key, arrives_at, {column: key, **values})

    def arrival_of(self, at: datetime, *, may_be_early: bool = False) -> datetime:
        """Return when something of `at` arrives."""
        pick = self.pick
        if may_be_early and self.dials.is_skewed and pick.random() < 0.03:
            return at - timedelta(minutes=pick.randint(1, 300))
        delays = [
            timedelta(0),
            timedelta(seconds=pick.randint(0, 600)),
            timedelta(hours=pick.randint(0, 8)),
            timedelta(days=pick.randint(0, 9)),
            timedelta(days=pick.randint(9, 60)),
        ]
        delay = pick.choices(delays, weights=[40, 30, 15, 10, 5])[0]
        return at + min(delay, self.dials.longest_delay)

    def one_of(self, person: Person, kind: str) -> str | None:
        """One of the person's own, seldom somebody else's: a shared device, a family address."""
        owner = self.pick.choice(self.people) if self.pick.random() < 0.06 else person
        owned: Sequence[str] = getattr(owner, kind)
        return self.pick.choice(owned) if owned else None

    def email_as_typed(self, person: Person) -> str | None:
        """An address as people and systems write them."""
        email = self.one_of(person, "emails")
        if email is None:
            return None
        return self.pick.choice([email, email, email.upper(), f" {email} ", "no address"])

    def _person(self, number: str) -> Person:
        pick = self.pick
        return Person(
            number=number,
            devices=tuple(f"a{number}-{at}" for at in range(pick.randint(1, 2))),
            users=tuple(f"u{number}-{at}" for at in range(pick.randint(0, 1))),
            emails=tuple(f"m{number}-{at}@shop.example" for at in range(pick.randint(1, 2))),
            phones=tuple(self._number() for _ in range(pick.randint(0, 2))),
            contacts=tuple(f"c{number}-{at}" for at in range(pick.randint(0, 2))),
        )

    def _number(self) -> str:
        self._serial += 1
        return f"+1{(self._seed * 37 + self._serial) % 10**10:010d}"
