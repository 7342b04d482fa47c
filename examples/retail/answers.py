"""The truth, for those who judge the result: never an input of a model."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from examples.retail.casting import PlannedQuote
from examples.retail.contacts import Contact
from examples.retail.conversations import Conversation
from examples.retail.disturb import Mishap
from examples.retail.shoppers import Shopper
from examples.retail.tables import Row
from examples.retail.world import World, export_slice

Answer = dict[str, Any]


def answer_key(
    world: World,
    rows: Iterable[Row],
    conversations: Sequence[Conversation],
    mishaps: Sequence[Mishap],
) -> Answer:
    """Return persons, identifiers, households, planned quotes and shoppers, conversations, mishaps.

    Identifiers are `<type>:<value>` with e-mail in lower case and phone in E.164; the value is
    the list of persons, empty for a device of a visitor nobody ever knows.
    """
    identifiers = _identifiers(world, rows, conversations)
    return {
        "persons": _persons(world, identifiers),
        "identifiers": identifiers,
        "households": _households(world),
        "duplicate_contacts": [_duplicate(world, c) for c in world.contacts if c.linkable_by],
        "shared_emails": sorted(
            name for name, who in identifiers.items() if name.startswith("email:") and len(who) > 1
        ),
        "crm_reexport": {
            "slice": export_slice(world.timeline).label,
            "changed": list(world.reexport.changed),
            "absent": list(world.reexport.absent),
            "new": list(world.reexport.new),
        },
        "quotes": {quote.quote_id: _quote(quote) for quote in world.cast.quotes},
        "shoppers": {s.person.person_id: _shopper(s) for s in world.shoppers},
        "conversations": {c.conversation_id: _conversation(c) for c in conversations},
        "mishaps": [asdict(mishap) for mishap in mishaps],
    }


def mailboxes(world: World, bounced: Iterable[str]) -> Answer:
    """Return which addresses the demo's mail server rejects, refuses once, or accepts."""
    cast = [(quote.person, quote.fate.mailbox) for quote in world.cast.quotes]
    planned = {person.email: mailbox for person, mailbox in cast if person and person.email}
    rejected = {email for email, mailbox in planned.items() if mailbox == "rejects"} | set(bounced)
    once = {email for email, mailbox in planned.items() if mailbox == "rejects_once"}
    everyone = {email for contact in _all_contacts(world) if (email := _plain(contact.email))}
    return {
        "reject": sorted(rejected),
        "defer_once": sorted(once),
        "accept": sorted(everyone - rejected - once),
    }


def _identifiers(
    world: World, rows: Iterable[Row], conversations: Sequence[Conversation]
) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for contact in _all_contacts(world):
        person = contact.person
        named = {"contact": contact.contact_id, "user": person.user_id}
        named |= {"email": _plain(contact.email), "phone": _e164(contact.phone)}
        for kind, value in named.items():
            if value:
                found.setdefault(f"{kind}:{value}", set()).add(person.person_id)
    devices = _devices(world, conversations)
    for row in rows:
        device = row.values.get("anonymous_id")
        if device:
            found.setdefault(f"anonymous:{device}", set()).update(devices.get(str(device), ()))
    return {name: sorted(found[name]) for name in sorted(found)}


def _devices(world: World, conversations: Sequence[Conversation]) -> dict[str, list[str]]:
    devices = {d: [p.person_id] for p in (*world.persons, *world.newcomers) for d in p.devices}
    for scene in (*world.cast.quotes, *conversations):
        if scene.person:
            devices[scene.device] = [scene.person.person_id]
    return devices


def _persons(world: World, identifiers: dict[str, list[str]]) -> Answer:
    owned: dict[str, list[str]] = {}
    for name, who in identifiers.items():
        for person_id in who:
            owned.setdefault(person_id, []).append(name)
    return {
        person.person_id: {
            "household_id": person.household_id,
            "identifiers": owned[person.person_id],
        }
        for person in (*world.persons, *world.newcomers)
    }


def _households(world: World) -> dict[str, list[str]]:
    households: dict[str, list[str]] = {}
    for person in (*world.persons, *world.newcomers):
        households.setdefault(person.household_id, []).append(person.person_id)
    return households


def _duplicate(world: World, contact: Contact) -> Answer:
    first = world.contacts_of[contact.person.person_id][0]
    return {
        "contact_id": contact.contact_id,
        "duplicate_of": first.contact_id,
        "linkable_by": contact.linkable_by,
    }


def _quote(quote: PlannedQuote) -> Answer:
    return {
        "fate": quote.fate.name,
        "expected": quote.fate.expected,
        "person_id": quote.person.person_id if quote.person else None,
        "contact_id": quote.contact_id,
        "email": quote.person.email if quote.person else None,
        "phone": quote.person.phone if quote.person else None,
        "anonymous_id": quote.device,
        "value": quote.value,
        "started_at": quote.started_at.isoformat(),
        "due_at": quote.due_at.isoformat(),
        "submitted_at": quote.submitted_at.isoformat() if quote.submitted_at else None,
    }


def _shopper(shopper: Shopper) -> Answer:
    return {
        "habit": shopper.habit.name,
        "expected": shopper.habit.expected,
        "contact_id": shopper.contact_id,
        "email": shopper.person.email,
        "timezone": shopper.person.place.timezone,
        "ordered_at": shopper.ordered_at.isoformat(),
        "baskets": list(shopper.baskets),
    }


def _conversation(conversation: Conversation) -> Answer:
    person = conversation.person
    return {
        "kind": conversation.kind,
        "person_id": person.person_id if person else None,
        "started_at": conversation.started_at.isoformat(),
    }


def _all_contacts(world: World) -> Iterable[Contact]:
    return (*world.contacts, *world.reexport.contacts)


def _plain(email: str | None) -> str | None:
    return email.strip().lower() if email else None


def _e164(phone: str | None) -> str | None:
    digits = "".join(c for c in phone or "" if c.isdigit())
    return f"+1{digits[-10:]}" if digits else None
