"""The CRM's view of the invented persons: duplicates, spellings, and one later export."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from examples.retail.names import NICKNAMES
from examples.retail.people import Directory, Person
from examples.retail.tables import Row

SHARE_OF_DUPLICATES = 0.08

LinkableBy = Literal["email", "phone", "name_address"]


@dataclass(frozen=True)
class Contact:
    """One row of the CRM. `email` and `phone` are as a clerk wrote them."""

    contact_id: str
    person: Person
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    address_line: str
    language: str
    created_at: datetime
    updated_at: datetime
    linkable_by: LinkableBy | None = None


@dataclass(frozen=True)
class Reexport:
    """The full export that arrives during the live part, and what is different in it."""

    contacts: tuple[Contact, ...]
    changed: tuple[str, ...]
    absent: tuple[str, ...]
    new: tuple[str, ...]


def enter_contacts(
    persons: Iterable[Person], directory: Directory, go_live: datetime, rng: random.Random
) -> tuple[Contact, ...]:
    """Return a first contact for each person, then the duplicates, with ids in that order."""
    firsts = [_first_contact(person, n, go_live, rng) for n, person in enumerate(persons)]
    doubled = [c for c in firsts if rng.random() < SHARE_OF_DUPLICATES and _may_double(c.person)]
    seconds = [
        _duplicate(contact, len(firsts) + n, directory, go_live, rng)
        for n, contact in enumerate(doubled)
    ]
    return (*firsts, *seconds)


def export_again(
    contacts: tuple[Contact, ...],
    newcomers: tuple[Person, ...],
    *,
    untouchable: frozenset[str],
    directory: Directory,
    exported_at: datetime,
    rng: random.Random,
) -> Reexport:
    """Return the later export: four rows changed, two absent, the newcomers added.

    Persons in `untouchable` (ids) keep their rows. `exported_at` is naive UTC.
    """
    free = [c for c in contacts if c.person.person_id not in untouchable]
    cleaned = rng.choice([c for c in free if c.linkable_by])
    rest = [c for c in free if not c.linkable_by and c.person != cleaned.person and c.phone]
    left, *changing = rng.sample(rest, 5)
    changed = {c.contact_id: c for c in _changes(changing, directory, exported_at, rng)}
    absent = (cleaned.contact_id, left.contact_id)
    kept = [changed.get(c.contact_id, c) for c in contacts if c.contact_id not in absent]
    new = [
        replace(
            _first_contact(person, len(contacts) + n, exported_at, rng),
            created_at=exported_at - timedelta(minutes=50 - 10 * n),
            updated_at=exported_at - timedelta(minutes=50 - 10 * n),
        )
        for n, person in enumerate(newcomers)
    ]
    return Reexport(
        (*kept, *new), tuple(changed), absent, tuple(contact.contact_id for contact in new)
    )


def contact_rows(
    contacts: Iterable[Contact],
    memberships: Mapping[str, date],
    abroad: Mapping[str, str],
    arrives_at: datetime,
) -> list[Row]:
    """Return one export: a row per contact, all arriving at once.

    `memberships` names the day on which a person's ends, `abroad` the country of who lives in
    another, by person id.
    """
    return [
        _row(contact, memberships.get(contact.person.person_id), arrives_at).with_values(
            country=abroad.get(contact.person.person_id, "US")
        )
        for contact in contacts
    ]


def write_email(email: str, rng: random.Random) -> str:
    """Return the address as somebody might type it; lower case and trimmed it is the same."""
    local, domain = email.split("@")
    forms = (email, f"{local.title()}@{domain}", f"{local.title()}@{domain.title()}", email.upper())
    return rng.choices(forms, weights=(70, 15, 10, 5))[0] + (" " if rng.random() < 0.02 else "")


def write_phone(phone: str, rng: random.Random) -> str:
    """Return the number as somebody might type it; its digits stay those of E.164."""
    area, exchange, line = phone[2:5], phone[5:8], phone[8:]
    return rng.choice(
        (
            phone,
            f"({area}) {exchange}-{line}",
            f"+1-{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"{area}-{exchange}-{line}",
            f"1{area}{exchange}{line}",
        )
    )


def _may_double(person: Person) -> bool:
    return not (person.shares_email or person.do_not_contact or person.deceased)


def _first_contact(person: Person, number: int, go_live: datetime, rng: random.Random) -> Contact:
    created_at = go_live - timedelta(seconds=rng.randint(30 * 86_400, 1_000 * 86_400))
    return Contact(
        contact_id=f"c-{number + 1:05d}",
        person=person,
        first_name=person.first_name,
        last_name=person.last_name,
        email=write_email(person.email, rng) if person.email else None,
        phone=write_phone(person.phone, rng) if person.phone else None,
        address_line=person.address_line,
        language=person.language,
        created_at=created_at,
        updated_at=_between(created_at, go_live - timedelta(days=1), rng),
    )


def _duplicate(
    contact: Contact, number: int, directory: Directory, go_live: datetime, rng: random.Random
) -> Contact:
    person = contact.person
    weights: dict[LinkableBy, int] = {
        "email": 5 if person.email else 0,
        "phone": 4 if person.phone else 0,
        "name_address": 1,
    }
    linkable_by = rng.choices(list(weights), list(weights.values()))[0]
    other = directory.email(f"{person.first_name[0]}.{person.last_name}")
    same_email = write_email(person.email, rng).title() if person.email else None
    created_at = _between(contact.created_at, go_live - timedelta(days=2), rng)
    return replace(
        contact,
        contact_id=f"c-{number + 1:05d}",
        first_name=NICKNAMES.get(person.first_name, f"{person.first_name[0]}."),
        last_name=person.last_name.upper() if rng.random() < 0.3 else person.last_name,
        email=same_email if linkable_by == "email" else other if linkable_by == "phone" else None,
        phone=write_phone(person.phone, rng) if person.phone and linkable_by == "phone" else None,
        address_line=person.address_line.replace("Street", "St").replace("Avenue", "Ave."),
        created_at=created_at,
        updated_at=created_at,
        linkable_by=linkable_by,
    )


def _changes(
    contacts: list[Contact], directory: Directory, exported_at: datetime, rng: random.Random
) -> list[Contact]:
    renumbered, moved, renamed, translated = (
        replace(contact, updated_at=exported_at - timedelta(minutes=rng.randint(20, 240)))
        for contact in contacts
    )
    return [
        replace(renumbered, phone=directory.phone(renumbered.person.place)),
        replace(moved, address_line=f"{rng.randint(1, 980)} Sample Street"),
        replace(renamed, last_name=f"{renamed.last_name}-Vale"),
        replace(translated, language="en" if translated.language == "es" else "es"),
    ]


def _between(start: datetime, end: datetime, rng: random.Random) -> datetime:
    return start + timedelta(seconds=rng.randint(0, int((end - start).total_seconds())))


def _row(contact: Contact, member_until: date | None, arrives_at: datetime) -> Row:
    person = contact.person
    return Row(
        table="crm.contacts",
        values={
            "contact_id": contact.contact_id,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "email": contact.email,
            "phone": contact.phone,
            "household_id": person.household_id,
            "address_line": contact.address_line,
            "postal_code": person.postal_code,
            "city": person.place.city,
            "country": "US",
            "timezone": person.place.timezone,
            "language": contact.language,
            "member_until": member_until,
            "do_not_contact": person.do_not_contact,
            "deceased": person.deceased,
            "email_opt_out": False,
            "sms_opt_out": False,
            "created_at": contact.created_at,
            "updated_at": contact.updated_at,
        },
        occurred_at=contact.updated_at,
        arrives_at=arrives_at,
    )
