"""Whose orders shall mean something: first orders, last ones, and a return.

The orders are recorded; what is planned is who showed the card. A planned shopper shows it at the
baskets named here, and never before a first or after a last one.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from examples.retail.contacts import Contact
from examples.retail.fates import Consent
from examples.retail.people import Person
from examples.retail.recorded import Record
from examples.retail.timeline import Timeline

RENEWAL_IN_DAYS = 6


@dataclass(frozen=True)
class Habit:
    """A planned outcome. `hours` before go-live is when the order falls that brings it about."""

    name: str
    count: int
    expected: str
    hours: tuple[float, float]
    is_first: bool = False
    is_last: bool = False
    returns: bool = False
    email: Consent = "granted"
    is_member: bool = False


HABITS = (
    Habit(
        "first_order", 8, "at nine, local time, one of two welcomes by e-mail",
        hours=(19, -1), is_first=True,
    ),
    Habit(
        "first_order_no_consent", 2, "suppress: no_consent; the journey goes on",
        hours=(19, -1), is_first=True, email="refused",
    ),
    Habit(
        "first_order_days_ago", 6, "at nine, local time, what is good to know, by e-mail",
        hours=(67, 47), is_first=True, is_last=True,
    ),
    Habit(
        "first_order_days_ago_no_consent", 2, "suppress: no_consent; the journey ends, blocked",
        hours=(67, 47), is_first=True, is_last=True, email="refused",
    ),
    Habit(
        "lapsed", 6, "60 days after the last order: at ten, local time, invited by e-mail",
        hours=(60 * 24 + 17, 60 * 24 - 1), is_last=True,
    ),
    Habit(
        "lapsed_long_ago", 3, "two weeks after the invitation a last offer by e-mail",
        hours=(74 * 24 + 17, 74 * 24 - 2), is_last=True,
    ),
    Habit(
        "lapsed_member", 3, "two weeks after the invitation a call; the membership is about to end",
        hours=(74 * 24 + 17, 74 * 24 - 2), is_last=True, is_member=True,
    ),
    Habit(
        "returned", 2, "won back: lapsed, and buys in the live part",
        hours=(90 * 24, 62 * 24), is_last=True, returns=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Shopper:
    """A person with a habit; `baskets` are where they show the card. Times are naive UTC."""

    habit: Habit
    person: Person
    contact_id: str
    ordered_at: datetime
    baskets: tuple[str, ...]
    member_until: date | None

    def may_show(self, at: datetime) -> bool:
        """Tell whether an order at that time may be theirs, too."""
        is_too_early = self.habit.is_first and at <= self.ordered_at
        is_too_late = self.habit.is_last and at >= self.ordered_at
        return not (is_too_early or is_too_late)


def plan_shoppers(
    orders: Sequence[Record],
    contacts: Sequence[Contact],
    *,
    taken: frozenset[str],
    timeline: Timeline,
    rng: random.Random,
) -> tuple[Shopper, ...]:
    """Return as many shoppers of each habit as the recorded orders allow, one per household.

    Each is the second of a pair, so that their household goes on shopping. Persons in `taken`
    (ids) are left out.
    """
    free = {c.person.household_id: c for c in _seconds(contacts) if _is_free(c.person, taken)}
    returning = _latest(orders, timeline.go_live, timeline.end - timeline.every)
    shoppers: list[Shopper] = []
    for habit in HABITS:
        since, until = (timeline.go_live - timedelta(hours=hours) for hours in habit.hours)
        latest = _latest(orders, since, until)
        fitting = [
            household
            for household in sorted(free.keys() & latest.keys())
            if household in returning or not habit.returns
        ]
        for household in rng.sample(fitting, min(habit.count, len(fitting))):
            again = [returning[household]] if habit.returns else []
            baskets = (latest[household], *again)
            shoppers.append(_shopper(habit, free.pop(household), baskets, timeline))
    return tuple(shoppers)


def _latest(orders: Iterable[Record], since: datetime, until: datetime) -> dict[str, Record]:
    return {o["household_id"]: o for o in orders if since <= o["ordered_at"] < until}


def _seconds(contacts: Sequence[Contact]) -> Iterator[Contact]:
    of_household: dict[str, dict[str, list[Contact]]] = {}
    for contact in contacts:
        persons = of_household.setdefault(contact.person.household_id, {})
        persons.setdefault(contact.person.person_id, []).append(contact)
    for _, *others in map(dict.values, of_household.values()):
        for second, *doubles in others:
            if not doubles:
                yield second


def _is_free(person: Person, taken: frozenset[str]) -> bool:
    is_excluded = person.deceased or person.do_not_contact or person.shares_email
    return person.email is not None and person.person_id not in taken and not is_excluded


def _shopper(
    habit: Habit, contact: Contact, baskets: Sequence[Record], timeline: Timeline
) -> Shopper:
    renewal = timeline.go_live.date() + timedelta(RENEWAL_IN_DAYS)
    return Shopper(
        habit=habit,
        person=contact.person,
        contact_id=contact.contact_id,
        ordered_at=baskets[0]["ordered_at"],
        baskets=tuple(basket["basket_id"] for basket in baskets),
        member_until=renewal if habit.is_member else None,
    )
