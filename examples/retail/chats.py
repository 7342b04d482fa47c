"""Chats with a bot: answered, handed over to an agent, given up, or bounced between channels."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from examples.retail.contacts import Contact, write_email
from examples.retail.people import Person
from examples.retail.tables import Row
from examples.retail.timeline import Timeline
from examples.retail.web import HISTORY_DAYS, Visitor, web_event
from examples.retail.world import World

Kind = Literal["contained", "handed_over", "dead_end", "bounced"]

PAST_CONVERSATIONS = 220
_PAST_SHARES: dict[Kind, int] = {"contained": 55, "handed_over": 27, "dead_end": 12, "bounced": 6}
_LIVE: dict[Kind, int] = {"contained": 5, "handed_over": 4, "dead_end": 3, "bounced": 3}

_OPENINGS = {
    "delivery_problem": "My delivery has not arrived.",
    "coupon_problem": "The till did not take my coupon.",
    "billing_question": "I was charged twice for one basket.",
    "quote_help": "What does the quote for the party platter include?",
    "product_question": "Do you have the garden set in another size?",
}
_HAND_OVER = ("bot", "handover", "I am bringing in a colleague who can see our conversation.")
_NOT_UNDERSTOOD = ("bot", "not_understood", "Sorry, I did not understand. Could you say it again?")


@dataclass(frozen=True)
class Conversation:
    """One conversation; `person` is None for a visitor nobody knows. Times are naive UTC."""

    conversation_id: str
    kind: Kind
    topic: str
    person: Person | None
    device: str
    started_at: datetime


def hold_conversations(world: World) -> tuple[Conversation, ...]:
    """Return the conversations of 60 days of history and of the live part."""
    rng, timeline = world.rng("chats"), world.timeline
    persons = [p for p in world.spare if p.email and p.devices]
    planned = [*_past_starts(timeline, rng), *_live_starts(timeline, rng)]
    return tuple(
        _conversation(n, kind, started_at, persons=persons, go_live=timeline.go_live, rng=rng)
        for n, (kind, started_at) in enumerate(planned)
    )


def chat_rows(world: World, conversations: Sequence[Conversation]) -> list[Row]:
    """Return the messages of the conversations, and the help pages seen between two chats."""
    rng = world.rng("chat messages")
    rows: list[Row] = []
    for conversation in conversations:
        contact = _contact(world, conversation)
        email = _typed_email(conversation, rng)
        rows += _messages(conversation, conversation.started_at, email, contact, rng)
        if conversation.kind == "bounced":
            rows += _second_round(conversation, email, rng)
    return rows


def _past_starts(timeline: Timeline, rng: random.Random) -> list[tuple[Kind, datetime]]:
    starts: list[tuple[Kind, datetime]] = []
    for _ in range(PAST_CONVERSATIONS):
        kind: Kind = rng.choices(list(_PAST_SHARES), list(_PAST_SHARES.values()))[0]
        seconds = rng.randint(3_600, HISTORY_DAYS * 86_400)
        starts.append((kind, timeline.go_live - timedelta(seconds=seconds)))
    return starts


def _live_starts(timeline: Timeline, rng: random.Random) -> list[tuple[Kind, datetime]]:
    return [
        (kind, timeline.at(rng.uniform(0.02, 0.75)))
        for kind, count in _LIVE.items()
        for _ in range(count)
    ]


def _conversation(
    number: int,
    kind: Kind,
    started_at: datetime,
    *,
    persons: Sequence[Person],
    go_live: datetime,
    rng: random.Random,
) -> Conversation:
    is_known = started_at >= go_live or kind == "handed_over" or rng.random() < 0.7
    person = rng.choice(persons) if is_known else None
    device = person.devices[0] if person else f"a-c{number:04d}-{rng.randrange(16**6):06x}"
    topic = rng.choice(list(_OPENINGS))
    return Conversation(f"t-{number + 1:05d}", kind, topic, person, device, started_at)


def _contact(world: World, conversation: Conversation) -> Contact | None:
    person = conversation.person
    return world.contacts_of[person.person_id][0] if person else None


def _typed_email(conversation: Conversation, rng: random.Random) -> str | None:
    person = conversation.person
    return write_email(person.email, rng) if person and person.email else None


def _messages(
    conversation: Conversation,
    started_at: datetime,
    email: str | None,
    contact: Contact | None,
    rng: random.Random,
) -> list[Row]:
    rows: list[Row] = []
    at = started_at
    for author, intent, text in _script(conversation, rng):
        contact_id = contact.contact_id if contact and author == "agent" else None
        rows.append(_message(conversation, email, contact_id, (author, intent, text), at))
        at += timedelta(seconds=rng.randint(4, 90 if author == "customer" else 40))
    return rows


def _script(conversation: Conversation, rng: random.Random) -> list[tuple[str, str, str]]:
    topic, opening = conversation.topic, _OPENINGS[conversation.topic]
    start = [("customer", topic, opening), ("bot", "ask_detail", "Which basket or offer is it?")]
    match conversation.kind:
        case "contained":
            answer = ("bot", "answer", "I have found it and put it right.")
            return [*start, ("customer", topic, "The last one."), answer]
        case "handed_over":
            return [*start, ("customer", topic, "The one of this week."), _HAND_OVER, *_agent(rng)]
        case "dead_end" | "bounced":
            again = ("customer", topic, f"Again: {opening}")
            return [*start, again, _NOT_UNDERSTOOD, again, _NOT_UNDERSTOOD]


def _agent(rng: random.Random) -> list[tuple[str, str, str]]:
    greeting = ("agent", "greeting", "Hello, I have read what you wrote to our bot.")
    repeated = ("agent", "ask_detail", "Which basket or offer is it?")
    promise = ("agent", "promise", "I will settle this and tell you by tomorrow.")
    return [greeting, promise] if rng.random() < 0.7 else [repeated, promise]


def _second_round(conversation: Conversation, email: str | None, rng: random.Random) -> list[Row]:
    again_at = conversation.started_at + timedelta(minutes=rng.randint(12, 25))
    second = Conversation(
        conversation.conversation_id.replace("t-", "t-2"),
        conversation.kind,
        conversation.topic,
        conversation.person,
        conversation.device,
        again_at,
    )
    visits = (conversation.started_at, again_at)
    pages = [
        web_event(
            Visitor(conversation.device),
            "page_view",
            visit - timedelta(minutes=3),
            {"path": "/help/delivery"},
        )
        for visit in visits
    ]
    return [*pages, *_messages(second, again_at, email, None, rng)]


def _message(
    conversation: Conversation,
    email: str | None,
    contact_id: str | None,
    said: tuple[str, str, str],
    at: datetime,
) -> Row:
    author, intent, text = said
    return Row(
        table="chat.messages",
        values={
            "message_id": None,
            "conversation_id": conversation.conversation_id,
            "anonymous_id": conversation.device,
            "email": email,
            "contact_id": contact_id,
            "author": author,
            "intent": intent,
            "text": text,
            "occurred_at": at,
        },
        occurred_at=at,
        arrives_at=at + timedelta(seconds=2),
    )
