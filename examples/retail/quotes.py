"""Quotes: those with a planned fate, and the past ones that give history its shape."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from examples.retail.casting import PRODUCTS, PlannedQuote
from examples.retail.contacts import write_email
from examples.retail.people import Person
from examples.retail.tables import Row
from examples.retail.web import HISTORY_DAYS, Visitor, comparisons, login_event, web_event
from examples.retail.world import World

PAST_QUOTES = 260
SHARE_SUBMITTED = 0.55


def planned_quotes(world: World) -> list[Row]:
    """Return the web events of every planned quote."""
    rng = world.rng("quotes")
    return [row for quote in world.cast.quotes for row in _events(quote, rng)]


def past_quotes(world: World) -> list[Row]:
    """Return quotes of spare persons, all started more than 30 hours before go-live."""
    rng = world.rng("past quotes")
    persons = [p for p in world.spare if p.email and p.devices]
    rows: list[Row] = []
    for n in range(PAST_QUOTES):
        seconds = rng.randint(30 * 3_600, HISTORY_DAYS * 86_400)
        started_at = world.timeline.go_live - timedelta(seconds=seconds)
        rows += _past(rng.choice(persons), f"q-{10_000 + n}", started_at, rng)
    return rows


def _events(quote: PlannedQuote, rng: random.Random) -> list[Row]:
    visitor = _visitor(quote, rng)
    browsing = Visitor(quote.device)
    rows = [
        web_event(browsing, "page_view", _before(quote, 300), {"path": "/quotes"}),
        web_event(browsing, "product_view", _before(quote, 200), {"product": quote.product}),
        web_event(visitor, "quote_started", quote.started_at, _properties(quote)),
    ]
    if quote.person and quote.fate.known_by == "login":
        rows.append(login_event(quote.person, quote.device, _before(quote, 60), rng))
    if quote.person and quote.fate.known_by == "late_login":
        later = quote.started_at + timedelta(minutes=rng.randint(30, 70))
        rows.append(login_event(quote.person, quote.device, later, rng))
    if quote.fate.compares:
        rows += comparisons(visitor, _before(quote, 1_500), rng)
    if quote.submitted_at and quote.submission_arrives_at:
        rows.append(_submission(quote, visitor, quote.submitted_at, quote.submission_arrives_at))
    return [replace(row, is_planned=True) for row in rows]


def _visitor(quote: PlannedQuote, rng: random.Random) -> Visitor:
    if quote.person and quote.person.email and quote.fate.known_by == "form":
        return Visitor(quote.device, email=write_email(quote.person.email, rng))
    if quote.person and quote.fate.known_by == "login":
        return Visitor(quote.device, user_id=quote.person.user_id)
    return Visitor(quote.device)


def _submission(
    quote: PlannedQuote, visitor: Visitor, submitted_at: datetime, arrives_at: datetime
) -> Row:
    row = web_event(visitor, "quote_submitted", submitted_at, _properties(quote))
    sent_at = arrives_at - timedelta(seconds=2)
    return replace(row.with_values(sent_at=sent_at), arrives_at=arrives_at)


def _past(person: Person, quote_id: str, started_at: datetime, rng: random.Random) -> list[Row]:
    device, product = rng.choice(person.devices), rng.choice(PRODUCTS)
    email = None if person.user_id else person.email
    visitor = Visitor(device, person.user_id, email)
    properties = {
        "quote_id": quote_id,
        "product": product,
        "value": float(rng.choice((rng.randrange(40, 500, 5), rng.randrange(40, 2_000, 5)))),
    }
    rows = [
        web_event(visitor, "product_view", started_at - timedelta(minutes=2), {"product": product}),
        web_event(visitor, "quote_started", started_at, properties),
    ]
    if person.user_id:
        rows.append(login_event(person, device, started_at - timedelta(minutes=1), rng))
    if rng.random() < SHARE_SUBMITTED:
        minutes = rng.choice((rng.randint(3, 90), rng.randint(3, 1_400)))
        submitted_at = started_at + timedelta(minutes=minutes)
        rows.append(web_event(visitor, "quote_submitted", submitted_at, properties))
    return rows


def _properties(quote: PlannedQuote) -> dict[str, str | float]:
    return {"quote_id": quote.quote_id, "product": quote.product, "value": quote.value}


def _before(quote: PlannedQuote, seconds: int) -> datetime:
    return quote.started_at - timedelta(seconds=seconds)
