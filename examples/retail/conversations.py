"""Who chats when: answered, handed over, given up, bounced between channels, or comparing."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from examples.retail.casting import PRODUCTS
from examples.retail.dialogues import COMPARING, OPENINGS, Kind
from examples.retail.people import Person
from examples.retail.timeline import Timeline
from examples.retail.web import HISTORY_DAYS
from examples.retail.world import World

PAST_CONVERSATIONS = 220
SHARE_KNOWN = 0.7
COMPARED_YESTERDAY = 3
_A_DAY_EARLIER = timedelta(hours=22)
_PAST_SHARES: dict[Kind, int] = {
    "contained": 50, "handed_over": 25, "kept_waiting": 4,
    "dead_end": 10, "bounced": 6, "compared": 5, "went_on": 3,
}  # fmt: skip
_LIVE: dict[Kind, int] = {
    "contained": 5, "handed_over": 4, "kept_waiting": 4,
    "dead_end": 3, "bounced": 4, "compared": 9, "went_on": 3,
}  # fmt: skip
_LATEST_START: dict[Kind, float] = {"kept_waiting": 0.4, "compared": 0.6}


@dataclass(frozen=True)
class Conversation:
    """One conversation; `person` is None for a visitor nobody knows. Times are naive UTC."""

    conversation_id: str
    kind: Kind
    topic: str
    person: Person | None
    device: str
    started_at: datetime
    products: tuple[str, str]

    @property
    def about(self) -> dict[str, str]:
        """The topic, and the products of a comparison."""
        if self.kind not in COMPARING:
            return {"topic": self.topic}
        product, other = self.products
        return {"topic": self.topic, "product": product, "compared_with": other}


def hold_conversations(world: World) -> tuple[Conversation, ...]:
    """Return the conversations of 60 days of history and of the live part.

    Whoever comes in the live part comes once and was not here before.
    """
    rng, timeline = world.rng("chats"), world.timeline
    persons = [p for p in world.spare if p.email and p.devices and not p.do_not_contact]
    rng.shuffle(persons)
    past, live = _past_starts(timeline, rng), _live_starts(timeline, rng)
    lately, earlier = persons[: len(live)], persons[len(live) :]
    came: list[Person | None] = [
        rng.choice(earlier) if kind == "handed_over" or rng.random() < SHARE_KNOWN else None
        for kind, _ in past
    ]
    visits = zip([*past, *live], [*came, *lately], strict=True)
    return tuple(_conversation(n, *start, person, rng) for n, (start, person) in enumerate(visits))


def _past_starts(timeline: Timeline, rng: random.Random) -> list[tuple[Kind, datetime]]:
    starts: list[tuple[Kind, datetime]] = []
    for _ in range(PAST_CONVERSATIONS):
        kind: Kind = rng.choices(list(_PAST_SHARES), list(_PAST_SHARES.values()))[0]
        seconds = rng.randint(3_600, HISTORY_DAYS * 86_400)
        starts.append((kind, timeline.go_live - timedelta(seconds=seconds)))
    return starts


def _live_starts(timeline: Timeline, rng: random.Random) -> list[tuple[Kind, datetime]]:
    starts: list[tuple[Kind, datetime]] = []
    for kind, count in _LIVE.items():
        for n in range(count):
            started_at = timeline.at(rng.uniform(0.02, _LATEST_START.get(kind, 0.75)))
            was_yesterday = kind == "compared" and n < COMPARED_YESTERDAY
            starts.append((kind, started_at - _A_DAY_EARLIER * was_yesterday))
    return starts


def _conversation(
    number: int, kind: Kind, started_at: datetime, person: Person | None, rng: random.Random
) -> Conversation:
    product, other = rng.sample(PRODUCTS, 2)
    return Conversation(
        conversation_id=f"t-{number + 1:05d}",
        kind=kind,
        topic="comparison" if kind in COMPARING else rng.choice(list(OPENINGS)),
        person=person,
        device=person.devices[0] if person else f"a-c{number:04d}-{rng.randrange(16**6):06x}",
        started_at=started_at,
        products=(product, other),
    )
