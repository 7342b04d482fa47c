"""Consent statements: how each person stands per channel, and how that came about."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from examples.retail.casting import PlannedQuote
from examples.retail.contacts import write_email, write_phone
from examples.retail.people import Person
from examples.retail.rare_consents import RareConsent, rare_consents
from examples.retail.tables import BRAND, Row
from examples.retail.world import World

CHANNELS = ("email", "sms")
PURPOSES = ("marketing", "sales")

_SHARES = {
    "email": {
        "granted": 0.60, "by_person": 0.05, "reconsented": 0.02,
        "withdrawn": 0.07, "refused": 0.10, "unknown": 0.16,
    },
    "sms": {
        "granted": 0.40, "by_person": 0.03, "reconsented": 0.02,
        "withdrawn": 0.05, "refused": 0.14, "unknown": 0.36,
    },
}  # fmt: skip
_GRANTED_AT = ("store_till", "web_form", "import")
_WITHDRAWN_AT = ("preference_page", "one_click", "agent")


@dataclass(frozen=True)
class Subject:
    """Whom a statement is about: a person's contact, through one channel."""

    person: Person
    contact_id: str
    channel: str

    @property
    def address(self) -> str | None:
        """The person's address of the channel, or None."""
        return self.person.email if self.channel == "email" else self.person.phone


def standing(world: World) -> dict[tuple[str, str], str]:
    """Return how each person stands before go-live, by person id and channel."""
    rng = world.rng("standing")
    return {
        (person.person_id, channel): _stance(world, person, channel, rng)
        for person in world.persons
        for channel in CHANNELS
    }


def consent_statements(world: World) -> list[Row]:
    """Return every statement: history, planned withdrawals, and a few in the live part."""
    rng = world.rng("consent")
    stances = standing(world)
    rows: list[Row] = []
    for person in world.persons:
        for channel in CHANNELS:
            subject = Subject(person, world.contacts_of[person.person_id][0].contact_id, channel)
            if subject.address:
                rows += _history(
                    subject, stances[person.person_id, channel], world.timeline.go_live, rng
                )
        rows += _service_consent(world, person, rng)
    rare = rare_consents(world, stances)
    planned = [row for quote in world.cast.quotes for row in _withdrawal_between(quote, rng)]
    said = [row for one in rare for row in _rare(world, one)]
    taken = {one.person.person_id for one in rare}
    return [*rows, *planned, *said, *_live_changes(world, stances, taken, rng)]


def _rare(world: World, consent: RareConsent) -> list[Row]:
    if consent.kind == "soft_opt_in":
        return []
    rng = world.rng(f"rare {consent.person.person_id}")
    contact_id = world.contacts_of[consent.person.person_id][0].contact_id
    subject = Subject(consent.person, contact_id, "email")
    if consent.kind == "no_to_everything":
        no = _statement(subject, "all", False, consent.stated_at, rng)
        return [no.with_values(channel="all", brand="all")]
    yes = _both_purposes(subject, True, consent.stated_at, rng)
    return [
        row.with_values(valid_until=consent.valid_until, confirmed=consent.is_confirmed)
        for row in yes
    ]


def _stance(world: World, person: Person, channel: str, rng: random.Random) -> str:
    shares = _SHARES[channel]
    drawn = rng.choices(list(shares), weights=list(shares.values()))[0]
    fate = world.cast.fate_of(person)
    shopper = world.shopper_of(person)
    if shopper:
        return shopper.habit.email if channel == "email" else drawn
    if fate is None:
        return drawn
    planned = fate.email if channel == "email" else fate.sms
    return "granted" if planned == "withdrawn_between" else planned or drawn


def _history(subject: Subject, stance: str, go_live: datetime, rng: random.Random) -> list[Row]:
    first = go_live - timedelta(days=rng.randint(90, 900), seconds=rng.randrange(86_400))
    later = go_live - timedelta(days=rng.randint(10, 80), seconds=rng.randrange(86_400))
    last = later + timedelta(days=rng.randint(1, 8))
    sequence = {
        "granted": ((first, True),),
        "by_person": ((first, True),),
        "refused": ((first, False),),
        "withdrawn": ((first, True), (later, False)),
        "reconsented": ((first, True), (later, False), (last, True)),
        "unknown": (),
    }[stance]
    by_person = stance == "by_person"
    return [
        row
        for stated_at, is_granted in sequence
        for row in _both_purposes(subject, is_granted, stated_at, rng, by_person=by_person)
    ]


def _both_purposes(
    subject: Subject,
    is_granted: bool,
    stated_at: datetime,
    rng: random.Random,
    *,
    by_person: bool = False,
) -> list[Row]:
    first = _statement(subject, PURPOSES[0], is_granted, stated_at, rng, by_person=by_person)
    return [first, first.with_values(purpose=PURPOSES[1])]


def _service_consent(world: World, person: Person, rng: random.Random) -> list[Row]:
    subject = Subject(person, world.contacts_of[person.person_id][0].contact_id, "email")
    if not subject.address or rng.random() > 0.25:
        return []
    stated_at = world.timeline.go_live - timedelta(seconds=rng.randint(5 * 86_400, 600 * 86_400))
    return [_statement(subject, "service", True, stated_at, rng)]


def _withdrawal_between(quote: PlannedQuote, rng: random.Random) -> list[Row]:
    if quote.fate.email != "withdrawn_between" or not (quote.person and quote.contact_id):
        return []
    stated_at = quote.started_at + timedelta(minutes=rng.randint(20, 100))
    subject = Subject(quote.person, quote.contact_id, "email")
    rows = _both_purposes(subject, False, stated_at, rng)
    return [replace(row, is_planned=True) for row in rows]


def _live_changes(
    world: World, stances: dict[tuple[str, str], str], taken: set[str], rng: random.Random
) -> list[Row]:
    rows: list[Row] = []
    free = [p for p in world.spare if p.email and p.person_id not in taken]
    for stance, is_granted, count in (("granted", False, 4), ("unknown", True, 3)):
        persons = [p for p in free if stances[p.person_id, "email"] == stance]
        for person in rng.sample(persons, count):
            subject = Subject(person, world.contacts_of[person.person_id][0].contact_id, "email")
            stated_at = world.timeline.at(rng.uniform(0.05, 0.95))
            rows += _both_purposes(subject, is_granted, stated_at, rng)
    return rows


def _statement(
    subject: Subject,
    purpose: str,
    is_granted: bool,
    stated_at: datetime,
    rng: random.Random,
    *,
    by_person: bool = False,
) -> Row:
    email = subject.person.email if subject.channel == "email" and not by_person else None
    phone = subject.person.phone if subject.channel == "sms" and not by_person else None
    origin = rng.choice(_GRANTED_AT if is_granted else _WITHDRAWN_AT)
    return Row(
        table="consent.statements",
        values={
            "statement_id": None,
            "contact_id": subject.contact_id if by_person or rng.random() < 0.6 else None,
            "email": write_email(email, rng) if email else None,
            "phone": write_phone(phone, rng) if phone else None,
            "channel": subject.channel,
            "purpose": purpose,
            "brand": BRAND,
            "granted": is_granted,
            "stated_at": stated_at,
            "origin": origin,
            "proof": f"{origin}-{rng.randrange(16**8):08x}",
            "valid_until": None,
            "confirmed": None,
        },
        occurred_at=stated_at,
        arrives_at=stated_at + timedelta(seconds=5),
    )
