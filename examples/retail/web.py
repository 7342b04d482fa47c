"""Web events: sessions of persons and of visitors nobody knows."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from examples.retail.casting import PRODUCTS
from examples.retail.contacts import write_email
from examples.retail.people import Person
from examples.retail.tables import Row
from examples.retail.world import World

HISTORY_DAYS = 60
PAGES = ("/", "/offers", "/recipes", "/stores", "/help/delivery", "/help/coupons", "/account")


@dataclass(frozen=True)
class Visitor:
    """Who browses: a device, and what the site knows about its user (None if nothing)."""

    device: str
    user_id: str | None = None
    email: str | None = None


def web_event(
    visitor: Visitor,
    event: str,
    at: datetime,
    properties: Mapping[str, str | float] | None = None,
    *,
    is_planned: bool = False,
) -> Row:
    """Return one event, sent a second after it occurred; its id comes later."""
    sent_at = at + timedelta(seconds=1)
    return Row(
        table="web.events",
        values={
            "event_id": None,
            "anonymous_id": visitor.device,
            "user_id": visitor.user_id,
            "email": visitor.email,
            "event": event,
            "properties": properties or {},
            "occurred_at": at,
            "sent_at": sent_at,
        },
        occurred_at=at,
        arrives_at=sent_at + timedelta(seconds=2),
        is_planned=is_planned,
    )


def login_event(person: Person, device: str, at: datetime, rng: random.Random) -> Row:
    """Return the event that shows device, account and e-mail together."""
    email = write_email(person.email, rng) if person.email else None
    return web_event(Visitor(device, person.user_id, email), "login", at)


def background_sessions(world: World, busy: Collection[str]) -> list[Row]:
    """Return the sessions that no plan needs: 60 days of history, and the live part.

    `busy` are the ids of persons whose last two days are planned elsewhere.
    """
    rng, go_live = world.rng("web"), world.timeline.go_live
    live = int((world.timeline.end - go_live).total_seconds())
    earlier = [p for p in world.persons if p.devices and not p.deceased]
    lately = [p for p in world.spare if p.devices and p.person_id not in busy]
    strangers = [f"a-v{n:04d}-{rng.randrange(16**6):06x}" for n in range(240)]
    rows: list[Row] = []
    for _ in range(1_000):
        seconds = rng.randint(2 * 86_400, HISTORY_DAYS * 86_400)
        rows += _session(earlier, strangers, go_live - timedelta(seconds=seconds), rng)
    for _ in range(30):
        seconds = rng.randint(600, 2 * 86_400)
        rows += _session(lately, strangers, go_live - timedelta(seconds=seconds), rng)
    for _ in range(70):
        rows += _session(lately, strangers, go_live + timedelta(seconds=rng.randrange(live)), rng)
    return rows


def comparisons(
    visitor: Visitor, at: datetime, rng: random.Random, *, is_planned: bool = False
) -> list[Row]:
    """Return two comparisons of two products each, three minutes apart."""
    rows: list[Row] = []
    for n in range(2):
        product, other = rng.sample(PRODUCTS, 2)
        rows.append(
            web_event(
                visitor,
                "comparison_viewed",
                at + n * timedelta(minutes=3),
                {"product": product, "compared_with": other},
                is_planned=is_planned,
            )
        )
    return rows


def _session(
    persons: Sequence[Person], strangers: Sequence[str], at: datetime, rng: random.Random
) -> list[Row]:
    person = rng.choice(persons) if rng.random() < 0.7 else None
    visitor = Visitor(rng.choice(person.devices) if person else rng.choice(strangers))
    rows = [web_event(visitor, "page_view", at, {"path": rng.choice(PAGES)})]
    if person and person.user_id and rng.random() < 0.6:
        at += timedelta(seconds=rng.randint(5, 60))
        rows.append(login_event(person, visitor.device, at, rng))
        visitor = Visitor(visitor.device, person.user_id)
    for _ in range(rng.randint(1, 6)):
        at += timedelta(seconds=rng.randint(5, 240))
        rows.append(_glance(visitor, at, rng))
    return rows


def _glance(visitor: Visitor, at: datetime, rng: random.Random) -> Row:
    event = rng.choices(("page_view", "product_view", "comparison_viewed"), weights=(52, 42, 6))[0]
    product, other = rng.sample(PRODUCTS, 2)
    properties: dict[str, Mapping[str, str | float]] = {
        "page_view": {"path": rng.choice(PAGES)},
        "product_view": {"product": product},
        "comparison_viewed": {"product": product, "compared_with": other},
    }
    return web_event(visitor, event, at, properties[event])
