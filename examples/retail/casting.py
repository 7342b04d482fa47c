"""Find a person for each planned quote, and fix its times."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from baton.errors import UsageError
from examples.retail.contacts import Contact
from examples.retail.fates import FATES, HIGH_VALUE, Fate
from examples.retail.names import EASTERN, PACIFIC
from examples.retail.people import Person
from examples.retail.timeline import Timeline

PRODUCTS = ("catering", "party_platter", "gift_hamper", "garden_set", "kitchen_appliance")


@dataclass(frozen=True)
class PlannedQuote:
    """One quote with its planned fate; all times naive UTC, `person` None if never known."""

    quote_id: str
    fate: Fate
    person: Person | None
    contact_id: str | None
    device: str
    product: str
    value: float
    started_at: datetime
    due_at: datetime
    submitted_at: datetime | None
    submission_arrives_at: datetime | None


@dataclass(frozen=True)
class Cast:
    """All planned quotes and the persons they involve."""

    quotes: tuple[PlannedQuote, ...]

    @cached_property
    def person_ids(self) -> frozenset[str]:
        """Persons whose records nothing else may touch."""
        return frozenset(quote.person.person_id for quote in self.quotes if quote.person)

    def fate_of(self, person: Person) -> Fate | None:
        """The fate planned for the person's quote, or None."""
        return self._by_person.get(person.person_id)

    @cached_property
    def _by_person(self) -> dict[str, Fate]:
        return {quote.person.person_id: quote.fate for quote in self.quotes if quote.person}


def cast_quotes(contacts: tuple[Contact, ...], timeline: Timeline, rng: random.Random) -> Cast:
    """Plan every fate of the table. Raises UsageError when no person is left who fits one."""
    candidates = _candidates(contacts, rng)
    quotes: list[PlannedQuote] = []
    for fate in sorted(FATES, key=lambda f: f.needs == "nothing"):
        beside = [quote for quote in quotes if quote.fate.name == fate.beside]
        for n in range(fate.count):
            if fate.beside:
                quotes.append(_plan_beside(beside[n], fate, len(quotes), rng))
                continue
            contact = None if fate.known_by == "nothing" else _take(candidates, fate)
            quotes.append(_plan(fate, contact, len(quotes), timeline, rng))
    return Cast(tuple(sorted(quotes, key=lambda quote: quote.started_at)))


@dataclass(frozen=True)
class _Candidate:
    contact: Contact
    has_duplicate: bool


def _candidates(contacts: tuple[Contact, ...], rng: random.Random) -> list[_Candidate]:
    reachable = {c.person.person_id for c in contacts if c.linkable_by in {"email", "phone"}}
    doubled = {c.person.person_id for c in contacts if c.linkable_by}
    firsts = [c for c in contacts if c.linkable_by is None]
    uses = Counter(c.person.email for c in firsts)
    found = [
        _Candidate(contact, contact.person.person_id in reachable)
        for contact in firsts
        if contact.person.email
        and contact.person.phone
        and uses[contact.person.email] == 1
        and not contact.person.deceased
        and (contact.person.person_id in reachable or contact.person.person_id not in doubled)
    ]
    rng.shuffle(found)
    return found


def _take(candidates: list[_Candidate], fate: Fate) -> Contact:
    for position, candidate in enumerate(candidates):
        if _fits(candidate, fate):
            return candidates.pop(position).contact
    raise UsageError(
        f"no invented person fits the fate {fate.name}",
        where="examples.retail.casting",
        mend="use another seed, or more recorded households",
    )


def _fits(candidate: _Candidate, fate: Fate) -> bool:
    person = candidate.contact.person
    needs_account = fate.known_by in {"login", "late_login"}
    return (
        person.place.timezone in (PACIFIC if fate.is_western else EASTERN)
        and (not needs_account or (person.user_id is not None and bool(person.devices)))
        and candidate.has_duplicate == (fate.needs == "duplicate")
        and person.do_not_contact == (fate.needs == "do_not_contact")
    )


def _plan_beside(first: PlannedQuote, fate: Fate, number: int, rng: random.Random) -> PlannedQuote:
    due_at = first.due_at + fate.beside_by
    return replace(
        first,
        quote_id=f"q-{90_000 + number}",
        fate=fate,
        product=rng.choice([product for product in PRODUCTS if product != first.product]),
        started_at=due_at - fate.after,
        due_at=due_at,
    )


def _plan(
    fate: Fate, contact: Contact | None, number: int, timeline: Timeline, rng: random.Random
) -> PlannedQuote:
    due_at = timeline.at(rng.uniform(*fate.acts_at))
    person = contact.person if contact else None
    small, large = (HIGH_VALUE, 2400) if fate.is_high_value else (40, HIGH_VALUE - 20)
    quote = PlannedQuote(
        quote_id=f"q-{90_000 + number}",
        fate=fate,
        person=person,
        contact_id=contact.contact_id if contact else None,
        device=_device(fate, person, number, rng),
        product=rng.choice(PRODUCTS),
        value=float(rng.randrange(small, large, 5)),
        started_at=due_at - fate.after,
        due_at=due_at,
        submitted_at=None,
        submission_arrives_at=None,
    )
    return _submit(quote, timeline, rng)


def _device(fate: Fate, person: Person | None, number: int, rng: random.Random) -> str:
    if person and fate.known_by == "login":
        return person.devices[0]
    return f"a-9{number:04d}-{rng.randrange(16**6):06x}"


def _submit(quote: PlannedQuote, timeline: Timeline, rng: random.Random) -> PlannedQuote:
    minutes = timedelta(minutes=rng.randint(5, 40))
    latest = timeline.end - timedelta(minutes=1)
    match quote.fate.submitted:
        case "never":
            return quote
        case "in_time":
            submitted_at = min(quote.started_at + 2 * minutes, latest)
        case "before_call":
            submitted_at = quote.due_at - 4 * minutes
        case "after_reminder":
            submitted_at = min(quote.due_at + timeline.every + minutes, latest)
        case "known_late":
            submitted_at = quote.due_at - minutes / 2
            arrives_at = min(quote.due_at + timeline.every + minutes, latest)
            return replace(quote, submitted_at=submitted_at, submission_arrives_at=arrives_at)
    return replace(
        quote, submitted_at=submitted_at, submission_arrives_at=submitted_at + timedelta(seconds=3)
    )
