"""What goes into the journal and comes out of it. All times are naive UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from baton.journal.rules import BlockKind, Lane, MessageClass, RetryClass, Scope, State


@dataclass(frozen=True)
class HandedMessage:
    """One message of the outbox, as a hand-over states it.

    `consent_at` is the time of the yes that was used, null for transactional and internal
    messages; `address` is null for internal targets; `blocked_by` is null or a reason of
    `rules.CANCELLING` or `rules.HOLDING`. A higher `priority` goes first within a lane. `lane`
    follows from the class unless given. Address and variables never show in a repr.
    """

    message_id: str
    candidate_id: str
    instance_id: str
    journey: str
    action: str
    release_id: str
    card_hash: str
    node_id: str
    person_id: str
    contact_point_id: str | None
    channel: str
    destination: str
    message_class: MessageClass
    brand: str
    template: str | None
    priority: int
    expires_at: datetime
    consent_at: datetime | None = None
    blocked_by: str | None = None
    address: str | None = field(default=None, repr=False)
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)
    lane: Lane | None = None


@dataclass(frozen=True)
class HandOver:
    """What a hand-over changed, in messages."""

    new: int = 0
    restated: int = 0
    released: int = 0
    held: int = 0
    cancelled: int = 0
    untouched: int = 0


@dataclass(frozen=True)
class AddressBlock:
    """A no for an address: brand and purpose null mean all of them.

    An `opt_out` yields to a newer yes. The others hold for the address whatever brand or purpose:
    `bounce` and `complaint` for good, `stop`, `legal` and `deceased` until a newer `end_of_` the
    same. The journal keeps a keyed hash of the address, never the address.
    """

    channel: str
    address: str = field(repr=False)
    brand: str | None
    purpose: str | None
    kind: BlockKind
    stated_at: datetime
    source: str


@dataclass(frozen=True)
class Switch:
    """One scope that is stopped now; `value` is null for global."""

    seq: int
    scope: Scope
    value: str | None
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Activation:
    """One entry of the log of release activations."""

    seq: int
    release_id: str
    kind: Literal["activate", "withdraw"]
    active_from: datetime
    set_by: str
    approved_by: str | None
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Claimed:
    """One claimed message with its payload: the right to send it once, now.

    `tries` counts the failed attempts before this one, `handed_at` is its first hand-over.
    """

    message_id: str
    attempt_id: str
    candidate_id: str
    instance_id: str
    journey: str
    action: str
    node_id: str
    person_id: str
    contact_point_id: str | None
    channel: str
    destination: str
    message_class: MessageClass
    brand: str
    template: str | None
    tries: int
    expires_at: datetime
    handed_at: datetime
    address: str | None = field(default=None, repr=False)
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ClaimOrder:
    """How a destination wants its claims cut: retry class, items per request, age allowed."""

    retry_class: RetryClass = "X"
    per_request: int = 1
    checked_within_minutes: float = 15


@dataclass(frozen=True)
class Verdict:
    """What became of one message of a request. `reason` carries codes, never a server's text."""

    message_id: str
    state: Literal["accepted", "retry", "rejected", "bounced", "unknown", "dead"]
    reason: str | None = None
    next_try_at: datetime | None = None
    costs_try: bool = True
    may_be_sent: bool = False


@dataclass(frozen=True)
class Answer:
    """The end of one request: its verdicts, and wall-clock times of first byte and answer."""

    attempt_id: str
    status: str
    verdicts: tuple[Verdict, ...]
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    request_hash: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What a provider reports later about an accepted message."""

    message_id: str
    status: Literal["delivered", "bounced", "complained", "stopped"]
    occurred_at: datetime
    source: str


@dataclass(frozen=True)
class Move:
    """One change of state that is due: applied with its event in the same transaction."""

    message_id: str
    state: State
    reason: str | None = None
    attempt_id: str | None = None
