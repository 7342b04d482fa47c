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
    follows from the class unless given; `address_node_id` is the node of the address, which
    links to preferences name. `displaces` names unsent messages whose place this one takes: it is
    held as `outranked` if one of them is beyond recall. Address and variables never show in a repr.
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
    displaces: tuple[str, ...] = ()
    address_node_id: str | None = None


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

    `tries` counts the failed attempts before this one, `handed_at` is its first hand-over;
    `may_be_sent` tells that an earlier attempt may have arrived.
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
    address_node_id: str | None = None
    may_be_sent: bool = False


@dataclass(frozen=True)
class ClaimOrder:
    """How a destination wants its claims cut: retry class, items per request, age allowed.

    `has_lookup`: the destination can be asked whether an item has arrived.
    """

    retry_class: RetryClass = "X"
    per_request: int = 1
    checked_within_minutes: float = 15
    has_lookup: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a worker asks for: up to `limit` messages of a destination, cut as it wants them."""

    destination: str
    limit: int
    order: ClaimOrder = ClaimOrder()


@dataclass(frozen=True)
class Verdict:
    """What became of one message of a request. `reason` carries codes, never a server's text.

    `provider_id` is what the tool calls what it took.
    """

    message_id: str
    state: Literal["accepted", "retry", "rejected", "bounced", "unknown", "dead"]
    reason: str | None = None
    next_try_at: datetime | None = None
    costs_try: bool = True
    may_be_sent: bool = False
    provider_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """The end of one request: its verdicts, and wall-clock times of first byte and answer.

    With a `job_id` the tool has accepted the request without having applied it.
    """

    attempt_id: str
    status: str
    verdicts: tuple[Verdict, ...]
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    request_hash: str | None = None
    job_id: str | None = None


@dataclass(frozen=True)
class OpenJob:
    """An accepted request whose outcome is not known yet, and its messages without payloads."""

    attempt_id: str
    job_id: str
    accepted_wall_at: datetime
    messages: tuple[Claimed, ...]


@dataclass(frozen=True)
class Stake:
    """One limit of an account, as one of its holders sees it.

    `total` is for all holders together; a request counts while it is open and `seconds` longer
    (null: until the end of the UTC day); `occupied` is how many of the holder's count now.
    """

    name: str
    total: int
    seconds: float | None
    occupied: int


@dataclass(frozen=True)
class Share:
    """What a holder may use of each limit, by name, and until when the account rests, if at all."""

    amounts: Mapping[str, int]
    rests_until: datetime | None


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
    set_by: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class ContactPoint:
    """An address that messages were handed over for, by ids alone; `is_own` is the one asked for.

    Statements can be made about all of a person's, a yes only about the own one.
    """

    contact_point_id: str
    node_id: str
    channel: str
    is_own: bool


@dataclass(frozen=True)
class Statement:
    """A yes or no about one address; purpose null means all of them. Ids only, no address."""

    contact_point_id: str
    node_id: str
    channel: str
    purpose: str | None
    brand: str
    granted: bool


@dataclass(frozen=True)
class Act:
    """What one person said at once, and where: `proof` says by which link and page, without IP."""

    origin: Literal["preference_page", "one_click"]
    proof: str
    message_id: str | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Stated:
    """A recorded act: when it was stated, and its statements as they were recorded."""

    act_id: str
    stated_at: datetime
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Standing:
    """What the journal knows of a contact point, a purpose and a brand.

    `yes` or `no` by the latest statement, opt-out or message that relied on a yes; `unknown` when
    there is none; `suppressed` by a bounce, a complaint or STOP, which no statement lifts.
    """

    says: Literal["yes", "no", "unknown", "suppressed"]
    since: datetime | None = None


@dataclass(frozen=True)
class Context:
    """What whoever takes a person over should know, as the warehouse wrote it at `as_of`.

    `keys` are pairs of kind (`email`, `phone`, any other for ids) and value; they are kept as
    keyed hashes. Person and node ids are keys by themselves. A null `context` blanks it.
    """

    person_id: str
    node_ids: tuple[str, ...]
    keys: tuple[tuple[str, str], ...] = field(repr=False)
    context: Mapping[str, object] | None = field(repr=False)
    as_of: datetime
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Accessor:
    """Who asks for a context, by which route, and whether personal values are masked."""

    name: str
    route: str
    is_masked: bool
