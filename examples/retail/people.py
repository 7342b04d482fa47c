"""Invent one or two persons for each recorded household."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from examples.retail.names import (
    DOMAINS,
    FIRST_NAMES,
    KINDS_OF_STREET,
    LAST_NAMES,
    PLACES,
    STREETS,
    Place,
)

SHARE_OF_PAIRS = 0.45
SHARE_SHARING_EMAIL = 0.02
NEWCOMERS = 2


@dataclass(frozen=True)
class Person:
    """The truth about one invented person; `email` is lower case and `phone` is E.164."""

    person_id: str
    household_id: str
    first_name: str
    last_name: str
    place: Place
    address_line: str
    postal_code: str
    language: str
    email: str | None
    phone: str | None
    user_id: str | None
    devices: tuple[str, ...]
    shares_email: bool
    do_not_contact: bool
    deceased: bool


@dataclass(frozen=True)
class _Home:
    household_id: str
    place: Place
    address_line: str
    postal_code: str


@dataclass(frozen=True)
class Population:
    """Persons known at go-live, and the newcomers who join during the live part."""

    persons: tuple[Person, ...]
    newcomers: tuple[Person, ...]


class Directory:
    """Hands out e-mail addresses and telephone numbers, each one once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._emails: set[str] = set()
        self._phones = {place.city: _numbers(rng, place) for place in PLACES}

    def email(self, local: str) -> str:
        """Return a new address at one of the reserved domains."""
        domain, number = self._rng.choice(DOMAINS), 2
        address = f"{local}@{domain}".lower()
        while address in self._emails:
            address, number = f"{local}{number}@{domain}".lower(), number + 1
        self._emails.add(address)
        return address

    def phone(self, place: Place) -> str | None:
        """Return a new number of the place in E.164, or None when its range is used up."""
        numbers = self._phones[place.city]
        return numbers.pop() if numbers else None


def invent_people(
    households: Iterable[str], directory: Directory, rng: random.Random
) -> Population:
    """Return the persons of the households, in the order of the households given."""
    persons: list[Person] = []
    singles: list[Person] = []
    for household in households:
        first = _first_member(household, len(persons), directory, rng)
        persons.append(first)
        if rng.random() < SHARE_OF_PAIRS:
            persons.append(_second_member(first, len(persons), directory, rng))
        else:
            singles.append(first)
    newcomers = tuple(
        _second_member(single, len(persons) + n, directory, rng)
        for n, single in enumerate(rng.sample(singles, NEWCOMERS))
    )
    return Population(tuple(persons), newcomers)


def _first_member(household: str, number: int, directory: Directory, rng: random.Random) -> Person:
    place = rng.choices(PLACES, weights=[place.weight for place in PLACES])[0]
    home = _Home(
        household_id=household,
        place=place,
        address_line=f"{rng.randint(1, 980)} {rng.choice(STREETS)} {rng.choice(KINDS_OF_STREET)}",
        postal_code=f"{place.postal_prefix}{rng.randint(0, 99):02d}",
    )
    return _person(home, number, rng.choice(LAST_NAMES), directory, rng)


def _second_member(first: Person, number: int, directory: Directory, rng: random.Random) -> Person:
    home = _Home(first.household_id, first.place, first.address_line, first.postal_code)
    last_name = first.last_name if rng.random() < 0.8 else rng.choice(LAST_NAMES)
    second = _person(home, number, last_name, directory, rng)
    if first.email and rng.random() < SHARE_SHARING_EMAIL:
        return replace(second, email=first.email, user_id=None, shares_email=True)
    return second


def _person(
    home: _Home, number: int, last_name: str, directory: Directory, rng: random.Random
) -> Person:
    first_name = rng.choice(FIRST_NAMES)
    has_email, has_phone, has_account = (rng.random() < share for share in (0.95, 0.9, 0.6))
    return Person(
        person_id=f"p-{number + 1:05d}",
        household_id=home.household_id,
        first_name=first_name,
        last_name=last_name,
        place=home.place,
        address_line=home.address_line,
        postal_code=home.postal_code,
        language="es" if rng.random() < 0.05 else "en",
        email=directory.email(f"{first_name}.{last_name}") if has_email else None,
        phone=directory.phone(home.place) if has_phone else None,
        user_id=f"u-{number + 1:05d}" if has_account and has_email else None,
        devices=_devices(rng, number, has_account),
        shares_email=False,
        do_not_contact=rng.random() < 0.015,
        deceased=rng.random() < 0.003,
    )


def _devices(rng: random.Random, number: int, has_account: bool) -> tuple[str, ...]:
    most = rng.choices((1, 2, 3), weights=(79, 15, 6))[0] if has_account else rng.randint(0, 1)
    return tuple(f"a-{number + 1:05d}-{rng.randrange(16**6):06x}" for _ in range(most))


def _numbers(rng: random.Random, place: Place) -> list[str]:
    numbers = [f"+1{code}5550{line}" for code in place.area_codes for line in range(100, 200)]
    rng.shuffle(numbers)
    return numbers
