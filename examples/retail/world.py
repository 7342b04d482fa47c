"""Everything that is decided before a single record is written."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from examples.retail.casting import Cast, cast_quotes
from examples.retail.contacts import Contact, Reexport, enter_contacts, export_again
from examples.retail.people import Directory, Person, invent_people
from examples.retail.recorded import Recorded
from examples.retail.shoppers import Shopper, plan_shoppers
from examples.retail.timeline import Slice, Timeline

SHARE_OF_MEMBERS = 0.2


@dataclass(frozen=True)
class World:
    """The recorded households, the invented persons, and the plan: one seed, one world."""

    seed: int
    timeline: Timeline
    recorded: Recorded
    persons: tuple[Person, ...]
    newcomers: tuple[Person, ...]
    contacts: tuple[Contact, ...]
    reexport: Reexport
    cast: Cast
    shoppers: tuple[Shopper, ...]
    memberships: dict[str, date]

    def rng(self, name: str) -> random.Random:
        """A generator of its own for each module, so that one does not shift another."""
        return _rng(self.seed, name)

    @cached_property
    def contacts_of(self) -> dict[str, tuple[Contact, ...]]:
        """Contacts by person id, the first entered first."""
        found: dict[str, tuple[Contact, ...]] = {}
        for contact in self.contacts:
            person_id = contact.person.person_id
            found[person_id] = (*found.get(person_id, ()), contact)
        return found

    def shopper_of(self, person: Person) -> Shopper | None:
        """The person as a planned shopper, or None."""
        return self._shoppers.get(person.person_id)

    @cached_property
    def _shoppers(self) -> dict[str, Shopper]:
        return {shopper.person.person_id: shopper for shopper in self.shoppers}

    @cached_property
    def spare(self) -> tuple[Person, ...]:
        """Persons nothing is planned for, alive and present in the later export."""
        absent = {c.person.person_id for c in self.contacts if c.contact_id in self.reexport.absent}
        left_out = self.cast.person_ids | self._shoppers.keys() | absent
        return tuple(p for p in self.persons if p.person_id not in left_out and not p.deceased)


def export_slice(timeline: Timeline) -> Slice:
    """The slice in which the CRM exports everything again."""
    return timeline.slices[len(timeline.slices) * 7 // 12]


def make_world(seed: int, timeline: Timeline, recorded: Recorded) -> World:
    """Invent the persons and plan the quotes. Raises UsageError when the plan cannot be cast."""
    directory = Directory(_rng(seed, "directory"))
    population = invent_people(recorded.households, directory, _rng(seed, "people"))
    contacts = enter_contacts(
        population.persons, directory, timeline.go_live, _rng(seed, "contacts")
    )
    cast = cast_quotes(contacts, timeline, _rng(seed, "casting"))
    shoppers = plan_shoppers(
        recorded.orders,
        contacts,
        taken=cast.person_ids,
        timeline=timeline,
        rng=_rng(seed, "habits"),
    )
    reexport = export_again(
        contacts,
        population.newcomers,
        untouchable=cast.person_ids | {s.person.person_id for s in shoppers},
        directory=directory,
        exported_at=export_slice(timeline).starts_at,
        rng=_rng(seed, "reexport"),
    )
    return World(
        seed=seed,
        timeline=timeline,
        recorded=recorded,
        persons=population.persons,
        newcomers=population.newcomers,
        contacts=contacts,
        reexport=reexport,
        cast=cast,
        shoppers=shoppers,
        memberships=_memberships(population.persons, shoppers, timeline, _rng(seed, "members")),
    )


def _memberships(
    persons: Sequence[Person], shoppers: Sequence[Shopper], timeline: Timeline, rng: random.Random
) -> dict[str, date]:
    today, planned = timeline.go_live.date(), {s.person.person_id: s for s in shoppers}
    drawn = {p.person_id: today + timedelta(rng.randint(-60, 364)) for p in persons}
    members = {p: until for p, until in drawn.items() if rng.random() < SHARE_OF_MEMBERS}
    due = {p: s.member_until for p, s in planned.items() if s.member_until}
    return {p: until for p, until in members.items() if p not in planned} | due


def _rng(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}:{name}")
