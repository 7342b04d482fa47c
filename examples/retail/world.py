"""Everything that is decided before a single record is written."""

import random
from dataclasses import dataclass
from functools import cached_property

from examples.retail.casting import Cast, cast_quotes
from examples.retail.contacts import Contact, Reexport, enter_contacts, export_again
from examples.retail.people import Directory, Person, invent_people
from examples.retail.recorded import Recorded
from examples.retail.timeline import Slice, Timeline


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

    @cached_property
    def spare(self) -> tuple[Person, ...]:
        """Persons in no planned quote, alive and present in the later export."""
        absent = {c.person.person_id for c in self.contacts if c.contact_id in self.reexport.absent}
        left_out = self.cast.person_ids | absent
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
    reexport = export_again(
        contacts,
        population.newcomers,
        untouchable=cast.person_ids,
        directory=directory,
        exported_at=export_slice(timeline).starts_at,
        rng=_rng(seed, "reexport"),
    )
    return World(
        seed, timeline, recorded, population.persons, population.newcomers, contacts, reexport, cast
    )


def _rng(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}:{name}")
