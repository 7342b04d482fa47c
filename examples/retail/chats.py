"""The messages of chats, and the pages seen before, between and after them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from examples.retail.contacts import Contact, write_email
from examples.retail.conversations import Conversation
from examples.retail.dialogues import Line, dialogue
from examples.retail.tables import Row
from examples.retail.web import Visitor, login_event, web_event
from examples.retail.world import World


def chat_rows(world: World, conversations: Sequence[Conversation]) -> list[Row]:
    """Return the messages of the conversations, and the pages seen around them."""
    rng = world.rng("chat messages")
    rows: list[Row] = []
    for conversation in conversations:
        contact = _contact(world, conversation)
        email = _typed_email(conversation, rng)
        visits = _visits(conversation, rng)
        for visit in visits:
            came_back = visit != conversation
            said = dialogue(visit.kind, visit.about, rng, came_back=came_back)
            rows += _pages_before(visit, rng)
            rows += _messages(visit, said, email, contact, rng)
        rows += _pages_after(conversation, rng)
    return rows


def _contact(world: World, conversation: Conversation) -> Contact | None:
    person = conversation.person
    return world.contacts_of[person.person_id][0] if person else None


def _typed_email(conversation: Conversation, rng: random.Random) -> str | None:
    person = conversation.person
    return write_email(person.email, rng) if person and person.email else None


def _visits(conversation: Conversation, rng: random.Random) -> list[Conversation]:
    if conversation.kind != "bounced":
        return [conversation]
    again = replace(
        conversation,
        conversation_id=conversation.conversation_id.replace("t-", "t-2"),
        started_at=conversation.started_at + timedelta(minutes=rng.randint(12, 25)),
    )
    return [conversation, again]


def _pages_before(visit: Conversation, rng: random.Random) -> list[Row]:
    visitor, person = Visitor(visit.device), visit.person
    match visit.kind:
        case "compared" | "went_on":
            at = visit.started_at - timedelta(minutes=8)
            login = [login_event(person, visit.device, at, rng)] if person else []
            seen_at = at + timedelta(minutes=5)
            return [*login, web_event(visitor, "comparison_viewed", seen_at, visit.about)]
        case "bounced" | "contained":
            return [_help_page(visitor, visit.started_at, 3)]
        case "handed_over" | "kept_waiting":
            return [_help_page(visitor, visit.started_at, minutes) for minutes in (7, 2)]
        case _:
            return []


def _help_page(visitor: Visitor, started_at: datetime, minutes: int) -> Row:
    at = started_at - timedelta(minutes=minutes)
    return web_event(visitor, "page_view", at, {"path": "/help/delivery"})


def _pages_after(conversation: Conversation, rng: random.Random) -> list[Row]:
    if conversation.kind != "went_on":
        return []
    at = conversation.started_at + timedelta(minutes=rng.randint(8, 25))
    seen = {"product": conversation.products[0]}
    return [web_event(Visitor(conversation.device), "product_view", at, seen)]


def _messages(
    visit: Conversation,
    said: Sequence[Line],
    email: str | None,
    contact: Contact | None,
    rng: random.Random,
) -> list[Row]:
    rows: list[Row] = []
    at = visit.started_at
    for line in said:
        at += line.after_silence
        contact_id = contact.contact_id if contact and line.author == "agent" else None
        rows.append(_message(visit, email, contact_id, line, at))
        at += timedelta(seconds=rng.randint(4, 90 if line.author == "customer" else 40))
    return rows


def _message(
    visit: Conversation,
    email: str | None,
    contact_id: str | None,
    line: Line,
    at: datetime,
) -> Row:
    return Row(
        table="chat.messages",
        values={
            "message_id": None,
            "conversation_id": visit.conversation_id,
            "anonymous_id": visit.device,
            "email": email,
            "contact_id": contact_id,
            "author": line.author,
            "intent": line.intent,
            "text": line.text,
            "properties": visit.about,
            "occurred_at": at,
        },
        occurred_at=at,
        arrives_at=at + timedelta(seconds=2),
    )
