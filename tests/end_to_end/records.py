"""Customers, and what sources deliver about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from baton.ids import make_id

GO_LIVE = datetime(2026, 3, 2, 15)
BRAND = "main"
Identifier = Literal["device", "user", "email"]


def after(minutes: float) -> datetime:
    """The instant that many minutes after the release went live; negative before it."""
    return GO_LIVE + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Arrival:
    """One record of `table` (`<source>.<table>`) that is delivered at `arrives_at`."""

    table: str
    values: Mapping[str, object]
    arrives_at: datetime

    def late(self, arrives: float) -> "Arrival":
        """The same record, delivered `arrives` minutes after go-live."""
        return replace(self, arrives_at=after(arrives))


@dataclass(frozen=True)
class Customer:
    """A person as the CRM knows them; consents (null: never stated) are for sales, long given.

    `shares` names whose mailbox is theirs too.
    """

    name: str
    email_consent: bool | None = True
    sms_consent: bool | None = None
    mailbox: Literal["accept", "reject", "defer_once"] = "accept"
    shares: str | None = None
    number: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", int(make_id("phone", self.name)[:8], 16) % 10_000_000)

    @property
    def contact_id(self) -> str:
        """The key in the CRM."""
        return f"c-{self.name}"

    @property
    def email(self) -> str:
        """The address as the CRM writes it."""
        return f"{self.shares or self.name}@post.example"

    @property
    def phone(self) -> str:
        """The number in E.164."""
        return f"+1555{self.number:07d}"

    @property
    def quote_id(self) -> str:
        """The quote that this customer asks for."""
        return f"q-{self.name}"

    @property
    def node_id(self) -> str:
        """The id of the CRM contact as an identifier."""
        return make_id("node", "crm_contact", self.contact_id)

    def identifiers(self, by: tuple[Identifier, ...]) -> dict[str, object]:
        """The columns by which a web event names this customer."""
        return {
            "anonymous_id": f"a-{self.name}" if "device" in by else None,
            "user_id": f"u-{self.name}" if "user" in by else None,
            "email": self.email if "email" in by else None,
        }

    def base(self) -> Iterator[Arrival]:
        """What was loaded long before: the contact and the consents."""
        yield contact(self)
        for channel, says in (("email", self.email_consent), ("sms", self.sms_consent)):
            if says is not None:
                yield consent(self, channel, says, at=-43_200).late(0)


def contact(who: Customer) -> Arrival:
    """A row of the CRM's export."""
    known: dict[str, object] = {
        "contact_id": who.contact_id,
        "first_name": who.name.title(),
        "email": who.email,
        "phone": who.phone,
        "country": "US",
        "timezone": "America/Chicago",
        "language": "en",
        "do_not_contact": False,
        "deceased": False,
        "email_opt_out": False,
        "sms_opt_out": False,
        "created_at": after(-50_000),
        "updated_at": after(-50_000),
    }
    return Arrival("crm.contacts", known, GO_LIVE)


def contact_with(who: Customer, flag: str, *, at: float) -> Arrival:
    """The row of a later export in which the contact has a flag."""
    before = contact(who)
    return replace(
        before, values={**before.values, flag: True, "updated_at": after(at)}, arrives_at=after(at)
    )


def consent(
    who: Customer,
    channel: str,
    granted: bool,
    *,
    at: float,
    names: str = "address",
    brand: str = BRAND,
) -> Arrival:
    """A statement on sales messages; one that `names` the person has no address."""
    is_for_address = names == "address"
    said: dict[str, object] = {
        "statement_id": f"st-{who.name}-{channel}-{at:g}",
        "contact_id": None if is_for_address else who.contact_id,
        "email": who.email if is_for_address and channel == "email" else None,
        "phone": who.phone if is_for_address and channel == "sms" else None,
        "channel": channel,
        "purpose": "sales",
        "brand": brand,
        "granted": granted,
        "stated_at": after(at),
        "origin": "preference_page",
        "proof": "click",
    }
    return Arrival("consent.statements", said, after(at))


def no_to_everything(who: Customer, *, at: float) -> Arrival:
    """One row that refuses all messages of every channel, purpose and brand."""
    said = consent(who, "email", False, at=at)
    everything = {"channel": "all", "purpose": "all", "brand": "all"}
    return replace(said, values={**said.values, **everything})


def web(
    who: Customer, event: str, *, at: float, by: tuple[Identifier, ...], **properties: object
) -> Arrival:
    """A web event that names the customer `by` some identifiers."""
    seen: dict[str, object] = {
        "event_id": f"ev-{event}-{who.name}-{at:g}",
        **who.identifiers(by),
        "event": event,
        "properties": properties,
        "occurred_at": after(at),
        "sent_at": after(at),
    }
    return Arrival("web.events", seen, after(at))


def quote_started(
    who: Customer,
    *,
    at: float = 5,
    by: tuple[Identifier, ...] = ("device", "email"),
    quote_id: str | None = None,
    value: int = 120,
) -> Arrival:
    """A quote that is started; the reminder is due two hours later."""
    facts = {"quote_id": quote_id or who.quote_id, "product": "garden_set", "value": value}
    return web(who, "quote_started", at=at, by=by, **facts)


def quote_submitted(who: Customer, *, at: float) -> Arrival:
    """The quote is submitted: the goal of the journey."""
    return web(who, "quote_submitted", at=at, by=("device", "email"), quote_id=who.quote_id)


def chat(
    who: Customer,
    author: Literal["customer", "bot", "agent"],
    *,
    at: float,
    by: tuple[Identifier, ...] = ("device", "email"),
    intent: str = "delivery_problem",
    **properties: object,
) -> Arrival:
    """A chat message that names the customer `by` some identifiers."""
    named = who.identifiers(by)
    del named["user_id"]
    said: dict[str, object] = {
        "message_id": f"ch-{who.name}-{author}-{at:g}",
        "conversation_id": f"cv-{who.name}",
        **named,
        "contact_id": None,
        "author": author,
        "intent": intent,
        "text": "where is my order?",
        "properties": properties,
        "occurred_at": after(at),
    }
    return Arrival("chat.messages", said, after(at))


def case(who: Customer, *, opened: float, closed: float | None = None) -> Arrival:
    """A version of a service case: opened, or closed later."""
    at = opened if closed is None else closed
    known: dict[str, object] = {
        "case_id": f"k-{who.name}",
        "contact_id": who.contact_id,
        "email": None,
        "phone": None,
        "topic": "delivery_problem",
        "status": "open" if closed is None else "closed",
        "priority": "normal",
        "opened_at": after(opened),
        "closed_at": None if closed is None else after(closed),
        "updated_at": after(at),
    }
    return Arrival("service.cases", known, after(at))


def opted_out_in_chat(who: Customer, *, at: float) -> Arrival:
    """An agent records in the chat that the customer wants no messages."""
    said = chat(who, "agent", at=at)
    return replace(said, values={**said.values, "intent": "opt_out"})


def opted_out_in_a_case(who: Customer, *, at: float) -> Arrival:
    """The service desk opens a case about wanting no messages."""
    opened = case(who, opened=at)
    return replace(opened, values={**opened.values, "topic": "opt_out"})


def receipt(who: Customer, status: str, *, at: float) -> Arrival:
    """The mail provider reports something of the customer's address."""
    reported: dict[str, object] = {
        "receipt_id": f"rc-{who.name}-{status}",
        "provider": "mail",
        "message_id": "earlier-mail",
        "channel": "email",
        "address": who.email,
        "status": status,
        "reason": None,
        "occurred_at": after(at),
    }
    return Arrival("messaging.receipts", reported, after(at))


def complaint(who: Customer, *, at: float) -> Arrival:
    """The mail provider reports that the customer complained."""
    return receipt(who, "complained", at=at)
