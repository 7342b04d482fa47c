"""Source records as loaded. Times are naive UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, order=True)
class Load:
    """When the warehouse could first know a record: load sequence, window and its batch time."""

    seq: int
    window: int
    at: datetime


@dataclass(frozen=True)
class Contact:
    """One version of a CRM contact."""

    contact_id: str
    updated_at: datetime
    load: Load
    email: str | None = None
    phone: str | None = None
    is_deleted: bool = False
    is_deceased: bool = False
    do_not_contact: bool = False
    email_opt_out: bool = False
    sms_opt_out: bool = False
    country: str | None = None


@dataclass(frozen=True)
class WebEvent:
    """One tracking event."""

    event_id: str
    event: str
    occurred_at: datetime
    load: Load
    anonymous_id: str | None = None
    user_id: str | None = None
    email: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ChatMessage:
    """One message of a chat."""

    message_id: str
    occurred_at: datetime
    load: Load
    contact_id: str | None = None
    email: str | None = None
    anonymous_id: str | None = None
    author: str | None = "customer"
    intent: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One version of a service case."""

    case_id: str
    status: str
    opened_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    load: Load
    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    is_deleted: bool = False
    topic: str | None = None


@dataclass(frozen=True)
class Statement:
    """One consent statement."""

    statement_id: str
    channel: str
    purpose: str
    is_granted: bool
    stated_at: datetime
    load: Load
    contact_id: str | None = None
    email: str | None = None
    phone: str | None = None
    brand: str | None = None
    valid_until: datetime | None = None
    is_confirmed: bool | None = None


@dataclass(frozen=True)
class Order:
    """One purchase of somebody whom the till knew."""

    order_id: str
    contact_id: str
    load: Load


@dataclass(frozen=True)
class Receipt:
    """One report of a provider about an address."""

    receipt_id: str
    channel: str
    address: str
    status: str
    occurred_at: datetime
    load: Load
    suppressed_until: datetime | None = None


@dataclass(frozen=True)
class MessageEvent:
    """One change of state of a message, from the journal."""

    seq: int
    message_id: str
    state: str
    node_id: str
    occurred_at: datetime
    load: Load
    contact_point_id: str | None = None


Record: TypeAlias = (
    Contact | WebEvent | ChatMessage | Case | Statement | Order | Receipt | MessageEvent
)
