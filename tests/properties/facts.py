"""What systems say of a person around one time, table by table."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from .arrivals import Arrival
from .scenes import Person, Scene

_VALUES = [100, 499.99, 500, 900, "much", None]
_WEB = {"quote_started": 9, "quote_submitted": 5, "login": 7, "page_view": 1}
_STATUSES = ["bounced", "complained", "stopped", "stopped", "started", "unsubscribed", "opened"]
_ADDRESSES = {"email": "emails", "sms": "phones"}


def web_event(scene: Scene, person: Person, base: datetime) -> Arrival:
    """A page, a login, a quote."""
    pick, at = scene.pick, base + scene.edge()
    event = pick.choices(list(_WEB), weights=list(_WEB.values()))[0]
    properties: dict[str, object] = {}
    if event.startswith("quote"):
        quote = pick.choice(scene.quotes) if pick.random() < 0.97 else None
        properties = {"quote_id": quote, "value": pick.choice(_VALUES), "product": "tv"}
    values: dict[str, object] = {
        "anonymous_id": scene.one_of(person, "devices"),
        "event": event,
        "properties": properties,
        "occurred_at": at,
        "sent_at": at,
    }
    if event == "login" or pick.random() < 0.2:
        values["user_id"] = scene.one_of(person, "users")
        values["email"] = scene.email_as_typed(person)
    return scene.arrive("web.events", "event_id", at, values)


def chat(scene: Scene, person: Person, base: datetime) -> Arrival:
    """A word in the chat, by somebody the agent knows."""
    at = base + scene.edge()
    values = {
        "conversation_id": f"k{person.number}",
        "anonymous_id": scene.one_of(person, "devices"),
        "contact_id": scene.one_of(person, "contacts"),
        "email": None,
        "author": "customer",
        "intent": scene.pick.choice(["other", "other", "other", "opt_out"]),
        "properties": scene.pick.choice([None, {"channel": "email"}, {"brand": "main"}]),
        "text": "hello",
        "occurred_at": at,
    }
    return scene.arrive("chat.messages", "message_id", at, values)


def case_versions(scene: Scene, person: Person, base: datetime) -> Iterator[Arrival]:
    """A case that is opened, perhaps changed, perhaps closed; versions come in any order."""
    pick, opened = scene.pick, base + scene.edge()
    closed = opened + max(scene.edge(), timedelta(0)) + timedelta(seconds=2)
    case_id, topic = scene.new_key(), pick.choice(["delivery"] * 9 + ["opt_out"])
    named = pick.choice([("emails",), ("phones",), ("contacts",), ("emails", "contacts")])
    who = {name: scene.one_of(person, name) for name in named}
    if not any(who.values()):
        who = {"emails": scene.one_of(person, "emails")}
    updates = [(opened, "open", 1.0), (opened + timedelta(seconds=1), "open", 0.3)]
    for updated, status, share in [*updates, (closed, "closed", 0.7)]:
        if pick.random() >= share:
            continue
        contact_id = scene.one_of(person, "contacts") if updated > opened else None
        if scene.dials.is_rewritten and contact_id and pick.random() < 0.3:
            who = who | {"contacts": contact_id}
        values = {
            "case_id": case_id,
            "contact_id": who.get("contacts"),
            "email": who.get("emails"),
            "phone": who.get("phones"),
            "topic": topic,
            "status": status,
            "priority": "normal",
            "opened_at": opened,
            "closed_at": closed if status == "closed" else None,
            "updated_at": updated,
        }
        yield Arrival("service.cases", case_id, scene.arrival_of(updated), values)


def statement(scene: Scene, person: Person, base: datetime) -> Arrival:
    """A yes or no, about an address or about the person, perhaps to all at once."""
    pick, at = scene.pick, base + scene.edge()
    channel = pick.choice(["email", "email", "email", "sms", "sms", "all"])
    address = _ADDRESSES.get(channel, "emails")
    named = pick.choice([(address,), (address,), ("contacts",), ("contacts", address)])
    values = {
        "contact_id": scene.one_of(person, "contacts") if "contacts" in named else None,
        "email": scene.one_of(person, "emails") if "emails" in named else None,
        "phone": scene.one_of(person, "phones") if "phones" in named else None,
        "channel": channel,
        "purpose": pick.choice([*["sales"] * 6, "marketing", "service", "all"]),
        "brand": pick.choice([*[None] * 6, "main", "outlet", "all"]),
        "granted": pick.random() < 0.8,
        "stated_at": at,
        "origin": "preference_centre",
        "proof": None,
        "valid_until": at + abs(scene.edge()) if pick.random() < 0.15 else None,
        "confirmed": pick.choice([None, None, False, True]),
    }
    return scene.arrive("consent.statements", "statement_id", at, values)


def receipt(scene: Scene, person: Person, base: datetime) -> Arrival:
    """What a provider reports of an address."""
    at, channel = base + scene.edge(), scene.pick.choice(["email", "sms"])
    values = {
        "provider": "shop_mail",
        "message_id": None,
        "channel": channel,
        "address": scene.one_of(person, _ADDRESSES[channel]),
        "status": scene.pick.choice(_STATUSES),
        "reason": None,
        "occurred_at": at,
        "suppressed_until": at + abs(scene.edge()) if scene.pick.random() < 0.3 else None,
    }
    return scene.arrive("messaging.receipts", "receipt_id", at, values)


def contact_version(
    scene: Scene, person: Person, contact_id: str, base: datetime
) -> Iterator[Arrival]:
    """The contact as the CRM has it then; seldom it is deleted later."""
    at = base + scene.edge()
    values = {
        "contact_id": contact_id,
        "first_name": scene.pick.choice(["Anna", "Ben", "Chris"]),
        "last_name": None,
        "email": scene.email_as_typed(person),
        "phone": scene.one_of(person, "phones"),
        "timezone": "America/New_York",
        "country": scene.country,
        "deceased": scene.pick.random() < 0.05,
        "do_not_contact": scene.pick.random() < 0.05,
        "email_opt_out": scene.pick.random() < 0.1,
        "sms_opt_out": scene.pick.choice([None, None, False, True]),
        "created_at": base,
        "updated_at": at,
    }
    version = Arrival("crm.contacts", contact_id, scene.arrival_of(at), values)
    yield version
    if scene.dials.is_rewritten and scene.pick.random() < 0.05:
        gone = version.arrives_at + timedelta(hours=scene.pick.randint(1, 48))
        yield replace(version, arrives_at=gone, values={}, is_deletion=True)
