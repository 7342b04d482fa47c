"""What passes between sender, destinations and transports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from baton.journal import Claimed
from baton.journal.rules import RetryClass

Outcome = Literal[
    "accepted", "bounced", "opted_out", "rejected", "throttled", "not_sent", "ambiguous"
]
_LONGEST_PROVIDER_ID = 500  # an index of PostgreSQL holds 2,700 bytes


class Unsendable(Exception):  # noqa: N818  # reads as the state it reports
    """This message can never be sent as it is; `reason` is a code without personal values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Window:
    """So many requests in any time so long."""

    rate: float
    per_seconds: float


@dataclass(frozen=True)
class Limit:
    """A window (`rate` requests in `per_seconds`), open requests at once, and requests a UTC day.

    `more` holds further windows of the same account, such as 150 a minute beside 10 a second.
    """

    rate: float
    per_seconds: float
    concurrency: int
    daily: int | None = None
    more: tuple[Window, ...] = ()

    @property
    def windows(self) -> tuple[Window, ...]:
        """All windows."""
        return (Window(self.rate, self.per_seconds), *self.more)

    def and_also(self, other: "Limit") -> "Limit":
        """What keeps to both: the windows of both, of equal ones the tighter."""
        first, *more = _tighter([*self.windows, *other.windows])
        days = [limit.daily for limit in (self, other) if limit.daily is not None]
        concurrency = min(self.concurrency, other.concurrency)
        daily = min(days, default=None)
        return Limit(first.rate, first.per_seconds, concurrency, daily, tuple(more))


@dataclass(frozen=True)
class Facts:
    """What is known of one call of a kind of destination, and where it was read.

    `batch` is how many items one request may carry. `bucket` names the calls that the tool counts
    together where it does not count all calls of an account together.
    """

    auth: str
    batch: int
    limit: Limit
    retry_class: RetryClass
    source: str
    bucket: str | None = None


@dataclass(frozen=True)
class Outgoing:
    """A claimed message with the rendered parts of its template, and its preference link."""

    message: Claimed
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)
    link: str | None = field(default=None, repr=False)

    @property
    def item_id(self) -> str:
        """What verdicts name it by."""
        return self.message.message_id


@dataclass(frozen=True)
class Change:
    """One row that a tool should hold (`upsert`), or hold no longer (`remove`).

    `item_id` is the row's key in its sync. `fields` are named as the tool names them; a null is
    there only where the sync says that it clears. `external_id` is the tool's own id, if known.
    """

    item_id: str
    op: Literal["upsert", "remove"]
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    external_id: str | None = field(default=None, repr=False)


Item = Outgoing | Change


@dataclass(frozen=True)
class Grant:
    """Client credentials (RFC 6749, 4.4), for which `token_url` gives an access token."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None


@dataclass(frozen=True)
class AwsKeys:
    """What signs requests to one service of AWS in one region (Signature Version 4)."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    service: str
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request, complete but for what its `grant` adds: access token or signature."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    timeout: float = 30.0
    grant: Grant | AwsKeys | None = None


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


@dataclass(frozen=True)
class Staged:
    """A request that hangs on what the tool holds: `first` asks, `then` goes on with the answer.

    `then` returns the next request, or the response that ends it. What fails before the last
    request is `not_sent`: nothing of the item has been written.
    """

    first: HttpRequest
    then: Callable[["HttpAnswer"], "HttpRequest | Staged | HttpAnswer | Failure"]

    @property
    def content(self) -> bytes:
        """What the hash of the attempt is made of: the first question."""
        return f"{self.first.method} {self.first.url}\n".encode() + self.first.content


Request = HttpRequest | Staged | MailRequest


@dataclass(frozen=True)
class HttpAnswer:
    """Status, headers (names in lower case) and content of an HTTP response.

    Content is cut at `transports.MOST_BYTES`; `is_whole` tells whether it was.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    is_whole: bool = True


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
    """What a destination's answer says of one item.

    `reason` is a code, never a server's text. `retry_after` in seconds; `disable` when the
    destination asks to be switched off; `provider_id` is what the tool calls what it took, or what
    it says that it has already: the `external_id` of the next try. What no journal can hold of it
    (NUL, lone surrogates) is replaced, and it is cut to 500 characters.
    """

    item_id: str
    outcome: Outcome
    reason: str
    retry_after: float | None = None
    disable: bool = False
    provider_id: str | None = None

    def __post_init__(self) -> None:
        if self.provider_id is not None:
            object.__setattr__(self, "provider_id", _storable(self.provider_id))


@dataclass(frozen=True)
class Job:
    """Accepted is not applied: how the outcome of an accepted request is polled for.

    `id_of` reads the job from the first answer (null: there is none, its verdicts stand), `build`
    asks for it, `verdicts` judges its items, null while it runs. `id_of` is asked of each of these
    answers too: one that leaves it open may name what to ask for from then on.
    """

    id_of: Callable[[HttpAnswer], str | None]
    build: Callable[[str, Any], HttpRequest]
    verdicts: Callable[[Any, Sequence[Any]], list[ItemVerdict] | None]


@dataclass(frozen=True)
class Lookup:
    """Class X after an ambiguous attempt: how to ask the tool whether an item has arrived.

    `found` is null when the answer leaves it open. `since` is the time of the claim, UTC.
    """

    build: Callable[[Any, Any, datetime], HttpRequest]
    found: Callable[[Any, Any], bool | None]


@dataclass(frozen=True)
class Call:
    """One way to tell a tool something: facts and two pure functions.

    `build(batch, settings, at)` makes the request, `verdicts(response, batch)` judges each item.
    """

    facts: Facts
    build: Callable[[Sequence[Any], Any, datetime], Request]
    verdicts: Callable[[Any, Sequence[Any]], list[ItemVerdict]]
    job: Job | None = None
    lookup: Lookup | None = None


def same_for_all(
    batch: Sequence[Item],
    outcome: Outcome,
    reason: str,
    *,
    retry_after: float | None = None,
    disable: bool = False,
) -> list[ItemVerdict]:
    """One verdict that holds for every item of the batch."""
    return [ItemVerdict(item.item_id, outcome, reason, retry_after, disable) for item in batch]


def _tighter(windows: Sequence[Window]) -> list[Window]:
    rates: dict[float, float] = {}
    for window in windows:
        rates[window.per_seconds] = min(window.rate, rates.get(window.per_seconds, window.rate))
    return [Window(rate, seconds) for seconds, rate in rates.items()]


def _storable(text: str) -> str:
    cut = text[:_LONGEST_PROVIDER_ID].replace("\0", "?")
    return cut.encode("utf-8", "replace").decode("utf-8")
