"""What passes between sender, destinations and transports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from baton.journal import Claimed
from baton.journal.rules import RetryClass

Outcome = Literal["accepted", "bounced", "rejected", "throttled", "not_sent", "ambiguous"]


class Unsendable(Exception):  # noqa: N818  # reads as the state it reports
    """This message can never be sent as it is; `reason` is a code without personal values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Limit:
    """A window (`rate` requests in `per_seconds`) and how many requests may be open at once."""

    rate: float
    per_seconds: float
    concurrency: int


@dataclass(frozen=True)
class Facts:
    """What is known of a kind of destination, and where it was read."""

    auth: str
    batch: int
    limit: Limit
    retry_class: RetryClass
    source: str


@dataclass(frozen=True)
class Outgoing:
    """A claimed message with the rendered parts of its template, and its preference link."""

    message: Claimed
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request, complete."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    timeout: float = 30.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; equal servers share their connections."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0


@dataclass(frozen=True)
class MailRequest:
    """One mail to one recipient."""

    server: MailServer
    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


Request = HttpRequest | MailRequest


@dataclass(frozen=True)
class HttpAnswer:
    """Status and headers (names in lower case) of an HTTP response."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class MailAnswer:
    """The reply that decided: at MAIL, RCPT or after DATA; `enhanced` as in RFC 3463, or ""."""

    stage: Literal["mail", "rcpt", "data"]
    code: int
    enhanced: str = ""


@dataclass(frozen=True)
class Failure:
    """No answer: nothing had left (`not_sent`), or nobody knows (`ambiguous`)."""

    kind: Literal["not_sent", "ambiguous"]
    detail: str


Response = HttpAnswer | MailAnswer | Failure


@dataclass(frozen=True)
class Exchange:
    """A response, and the wall-clock times of first byte (null: none left) and answer."""

    response: Response
    sent_at: datetime | None
    answered_at: datetime


@dataclass(frozen=True)
class ItemVerdict:
    """What a destination's answer says of one message.

    `retry_after` in seconds; `disable` when the destination asks to be switched off.
    """

    message_id: str
    outcome: Outcome
    reason: str
    retry_after: float | None = None
    disable: bool = False


def same_for_all(
    batch: Sequence[Outgoing],
    outcome: Outcome,
    reason: str,
    *,
    retry_after: float | None = None,
    disable: bool = False,
) -> list[ItemVerdict]:
    """One verdict that holds for every message of the batch."""
    return [
        ItemVerdict(item.message.message_id, outcome, reason, retry_after, disable)
        for item in batch
    ]
