"""Rarer consents: a no to everything, an ended or unconfirmed yes, none where none is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from examples.retail.people import Person
from examples.retail.world import World

Kind = Literal["no_to_everything", "expired", "unconfirmed", "confirmed", "soft_opt_in"]

_COUNTS: Mapping[Kind, int] = {
    "no_to_everything": 3,
    "expired": 2,
    "unconfirmed": 2,
    "confirmed": 1,
    "soft_opt_in": 3,
}
_COUNTRIES: Mapping[Kind, str] = {"unconfirmed": "DE", "confirmed": "DE", "soft_opt_in": "CA"}


@dataclass(frozen=True)
class RareConsent:
    """What a person said once, or `soft_opt_in`: said nothing and has bought."""

    person: Person
    kind: Kind
    stated_at: datetime

    @property
    def valid_until(self) -> datetime | None:
        """When a yes ends, None where it does not."""
        return self.stated_at + timedelta(days=180) if self.kind == "expired" else None

    @property
    def is_confirmed(self) -> bool | None:
        """Whether a double opt-in was finished, None where nobody asked."""
        return {"unconfirmed": False, "confirmed": True}.get(self.kind)


def rare_consents(world: World, stances: Mapping[tuple[str, str], str]) -> list[RareConsent]:
    """Return them, of first members of households who have said nothing else."""
    rng, go_live = world.rng("rare consents"), world.timeline.go_live
    seen: set[str] = set()
    found: list[Person] = []
    for person in world.persons:
        is_first = person.household_id not in seen
        seen.add(person.household_id)
        silent = all(
            stances[person.person_id, channel] == "unknown" for channel in ("email", "sms")
        )
        if is_first and silent and person.email and not person.do_not_contact:
            found.append(person)
    spare = {person.person_id for person in world.spare if not person.shares_email}
    free = [person for person in found if person.person_id in spare]
    kinds: list[Kind] = [kind for kind, count in _COUNTS.items() for _ in range(count)]
    return [
        RareConsent(person, kind, go_live - timedelta(days=rng.randint(200, 700)))
        for person, kind in zip(rng.sample(free, len(kinds)), kinds, strict=True)
    ]


def countries(consents: list[RareConsent]) -> dict[str, str]:
    """Return the country of those who live abroad, by person id."""
    return {
        one.person.person_id: _COUNTRIES[one.kind] for one in consents if one.kind in _COUNTRIES
    }
