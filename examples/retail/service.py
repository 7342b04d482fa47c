"""Service cases: each change of a case is one more version of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from examples.retail.casting import PlannedQuote
from examples.retail.contacts import Contact
from examples.retail.conversations import Conversation
from examples.retail.tables import Row
from examples.retail.world import World

PAST_CASES = 160
SHARE_STILL_OPEN = 0.1
TOPICS = ("delivery_problem", "coupon_problem", "billing_question", "product_question", "complaint")


@dataclass(frozen=True)
class Case:
    """One case from opening to closing, naive UTC; None means that it stays so."""

    contact: Contact
    topic: str
    opened_at: datetime
    raised_at: datetime | None = None
    closed_at: datetime | None = None
    is_planned: bool = False


def service_cases(world: World, conversations: Sequence[Conversation]) -> list[Row]:
    """Return all versions of all cases: past, after hand-overs, planned, and live."""
    rng = world.rng("service")
    cases = [
        *(_past_case(world, rng) for _ in range(PAST_CASES)),
        *_after_chats(world, conversations, rng),
        *_live_cases(world, rng),
        *(case for quote in world.cast.quotes for case in _planned_case(world, quote, rng)),
    ]
    cases.sort(key=lambda case: case.opened_at)
    return [row for n, case in enumerate(cases) for row in _versions(f"k-{n + 1:05d}", case, rng)]


def _past_case(world: World, rng: random.Random) -> Case:
    opened_at = world.timeline.go_live - timedelta(seconds=rng.randint(7_200, 120 * 86_400))
    is_open = rng.random() < SHARE_STILL_OPEN
    raised_at = opened_at + timedelta(hours=rng.randint(1, 30)) if rng.random() < 0.3 else None
    closed_at = (raised_at or opened_at) + timedelta(minutes=rng.randint(20, 12_000))
    return Case(
        _someone(world, rng), rng.choice(TOPICS), opened_at, raised_at,
        None if is_open else closed_at,
    )  # fmt: skip


def _live_cases(world: World, rng: random.Random) -> list[Case]:
    timeline = world.timeline
    return [
        Case(
            _someone(world, rng),
            rng.choice(TOPICS),
            timeline.at(rng.uniform(0.05, 0.6)),
            closed_at=timeline.at(rng.uniform(0.65, 0.95)) if n % 2 else None,
        )
        for n in range(6)
    ]


def _after_chats(
    world: World, conversations: Sequence[Conversation], rng: random.Random
) -> list[Case]:
    handed_over = [c for c in conversations if c.kind == "handed_over"]
    cases: list[Case] = []
    for n, conversation in enumerate(handed_over):
        if conversation.person and n % 2:
            contact = world.contacts_of[conversation.person.person_id][0]
            opened_at = conversation.started_at + timedelta(minutes=rng.randint(5, 9))
            closed_at = opened_at + timedelta(hours=rng.randint(2, 40))
            cases.append(Case(contact, conversation.topic, opened_at, closed_at=closed_at))
    return cases


def _planned_case(world: World, quote: PlannedQuote, rng: random.Random) -> list[Case]:
    if quote.person is None or quote.fate.case == "none":
        return []
    contact = world.contacts_of[quote.person.person_id][0]
    earlier = quote.started_at - timedelta(hours=rng.randint(6, 90), minutes=rng.randint(0, 59))
    between = quote.started_at + timedelta(minutes=rng.randint(25, 80))
    closed_at = None
    if quote.fate.case == "closed_later":
        latest = world.timeline.end - world.timeline.every
        closed_at = min(quote.due_at + timedelta(minutes=rng.randint(35, 70)), latest)
    opened_at = between if quote.fate.case == "opened_between" else earlier
    return [Case(contact, rng.choice(TOPICS), opened_at, closed_at=closed_at, is_planned=True)]


def _someone(world: World, rng: random.Random) -> Contact:
    return world.contacts_of[rng.choice(world.spare).person_id][0]


def _versions(case_id: str, case: Case, rng: random.Random) -> list[Row]:
    priority = rng.choice(("normal", "normal", "low"))
    names_address = rng.random() < 0.6
    rows = [_version(case_id, case, priority, case.opened_at, names_address=names_address)]
    if case.raised_at:
        priority = "high"
        rows.append(_version(case_id, case, priority, case.raised_at, names_address=names_address))
    if case.closed_at:
        rows.append(_version(case_id, case, priority, case.closed_at, names_address=names_address))
    return rows


def _version(case_id: str, case: Case, priority: str, at: datetime, *, names_address: bool) -> Row:
    is_closed = at == case.closed_at
    return Row(
        table="service.cases",
        values={
            "case_id": case_id,
            "contact_id": case.contact.contact_id,
            "email": case.contact.person.email if names_address else None,
            "phone": None if names_address else case.contact.person.phone,
            "topic": case.topic,
            "status": "closed" if is_closed else "open",
            "priority": priority,
            "opened_at": case.opened_at,
            "closed_at": case.closed_at if is_closed else None,
            "updated_at": at,
        },
        occurred_at=at,
        arrives_at=at + timedelta(seconds=4),
        is_planned=case.is_planned,
    )
