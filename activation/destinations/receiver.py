"""What providers report later: requests of theirs, and what becomes of them. No effects here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal[
    "delivered",
    "bounced",
    "complained",
    "opened",
    "clicked",
    "unsubscribed",
    "stopped",
    "started",
    "failed",
]


@dataclass(frozen=True)
class Call:
    """One request of a provider: the public URL that it called, headers in lower case.

    `received_at` is the journal's time where it is read, naive UTC. `fetched` is the content of
    what the receiver needs, null where it needs nothing or there is none.
    """

    destination: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    received_at: datetime
    fetched: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Report:
    """What a provider says of a message or an address; `event_id` is its own id of that.

    `failed` is a message that did not arrive while nothing is wrong with the address. A bounce
    with `suppressed_until` is a soft one. `reason` is a code.
    """

    event_id: str
    status: Status
    occurred_at: datetime
    channel: str
    address: str | None = field(default=None, repr=False)
    message_id: str | None = None
    reason: str | None = None
    suppressed_until: datetime | None = None


@dataclass(frozen=True)
class Read:
    """What a request says: reports, items that are none, and how many say nothing of use."""

    reports: Sequence[Report] = ()
    bad: Sequence[object] = field(default=(), repr=False)
    ignored: int = 0


@dataclass(frozen=True)
class Receiver:
    """How a kind of destination reports.

    `is_on` says whether the settings let it, `is_genuine` whether the signature holds; `read`
    is asked only then. `thanks` is media type and text of the answer, null for plain counts.
    `needs` names what is fetched before the signature is looked at, `visits` what is visited once
    it holds: the provider waits for that. Both vouch for the address.
    """

    is_on: Callable[[Any], bool]
    is_genuine: Callable[[Call, Any], bool]
    read: Callable[[Call, Any], Read]
    public_url: Callable[[Any], str | None] = lambda _settings: None
    thanks: tuple[str, str] | None = None
    needs: Callable[[Call, Any], str | None] = lambda _call, _settings: None
    visits: Callable[[Call, Any], str | None] = lambda _call, _settings: None


def utc_of(epoch: object) -> datetime | None:
    """Naive UTC of Unix seconds, null for what is none."""
    if isinstance(epoch, bool) or not isinstance(epoch, int | float):
        return None
    try:
        return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def short_text(value: object, longest: int = 200) -> str | None:
    """A text that can be an id, null for anything else."""
    if not isinstance(value, str) or not value.isprintable():
        return None
    return value if 0 < len(value) <= longest else None
