"""What tools with JSON over HTTP have in common: requests, and answers for a whole batch."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, HttpUrl

from activation.destinations.settings import Settings
from activation.destinations.webhook import retry_after_seconds
from activation.exchange import (
    Change,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Outgoing,
    Unsendable,
    same_for_all,
)
from activation.quotas import LONGEST_WAIT
from baton.journal.clock import wall_clock

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SUCCESS = range(200, 300)
_NOT_ALLOWED = (401, 403)
_TIMEOUT = 408
_THROTTLED = 429
_SERVER_ERRORS = 500
_Item = TypeVar("_Item", Outgoing, Change)


def _is_safe(url: HttpUrl) -> HttpUrl:
    if url.scheme != "https" and url.host not in _LOOPBACK:
        raise ValueError("must be https: the request carries a secret")
    return url


ServiceUrl = Annotated[HttpUrl, AfterValidator(_is_safe)]
"""Where a tool is reached: https, or this machine."""


def address(base: HttpUrl, path: str) -> str:
    """The URL of a path (with its leading slash) below a base."""
    return str(base).rstrip("/") + path


def json_request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Any,
    settings: Settings,
) -> HttpRequest:
    """A request with a JSON body (none: no body); the same bytes for the same body.

    Times are taken as UTC and become ISO 8601 with Z, decimals become numbers.
    """
    content = b"" if body is None else encoded(body)
    kind = {} if body is None else {"content-type": "application/json"}
    return HttpRequest(method, url, {**kind, **headers}, content, settings.timeout_seconds)


def encoded(body: Any) -> bytes:
    """Compact JSON in UTF-8, keys sorted."""
    text = json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )
    return text.encode()


def parsed(answer: HttpAnswer) -> Any:
    """The content as JSON, null when it is cut or no JSON."""
    if not answer.is_whole:
        return None
    try:
        return json.loads(answer.content)
    except ValueError:
        return None


def parsed_object(answer: HttpAnswer) -> dict[str, Any]:
    """The content as a JSON object, empty when it is none."""
    content = parsed(answer)
    return content if isinstance(content, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array, none when it is no array."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def of_whole(
    response: HttpAnswer | Failure, batch: Sequence[_Item], *, wait: float | None = None
) -> list[ItemVerdict] | None:
    """Verdicts where the status speaks for all items; null for 2xx, where the content decides.

    429 is throttled, 401 and 403 ask to be switched off (nothing can work, nothing is lost), 408
    and 5xx are ambiguous, other 3xx and 4xx rejected. `wait` in seconds stands in for Retry-After.
    """
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    status = response.status
    if status in _SUCCESS:
        return None
    reason = f"http {status}"
    told = retry_after_seconds(response.headers, wall_clock())
    wait = wait if told is None else told
    if status == _THROTTLED:
        return same_for_all(batch, "throttled", reason, retry_after=wait)
    if status in _NOT_ALLOWED:
        return same_for_all(batch, "throttled", reason, disable=True)
    if status == _TIMEOUT or status >= _SERVER_ERRORS:
        return same_for_all(batch, "ambiguous", reason, retry_after=wait)
    return same_for_all(batch, "rejected", reason)


def seconds_until(epoch: str | None) -> float | None:
    """Seconds from now until a time in Unix seconds, 0 to a day; null when unreadable."""
    try:
        at = datetime.fromtimestamp(float(epoch or ""), UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return min(max(0.0, (at - wall_clock()).total_seconds()), LONGEST_WAIT)


def split(
    batch: Sequence[_Item], fault: Callable[[_Item], str | None]
) -> tuple[list[_Item], list[ItemVerdict]]:
    """Items that can be sent, in order, and verdicts on those that never can.

    `fault` gives the code of what is wrong with an item, null when nothing.
    """
    found = [(item, fault(item)) for item in batch]
    refused = [ItemVerdict(item.item_id, "rejected", code) for item, code in found if code]
    return [item for item, code in found if not code], refused


def sendable(batch: Sequence[_Item], fault: Callable[[_Item], str | None]) -> list[_Item]:
    """Items that can be sent. Raises Unsendable when there are none."""
    good, refused = split(batch, fault)
    if not good:
        raise Unsendable(refused[0].reason)
    return good


def code_in(value: object, default: str) -> str:
    """A server's error code, or the default when it is no code: texts may repeat an address."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else default


def iso(at: datetime) -> str:
    """A time as ISO 8601 in UTC with Z; a naive one is UTC already."""
    return (at.astimezone(UTC) if at.tzinfo else at).replace(tzinfo=None).isoformat() + "Z"


def _plain(value: object) -> object:
    match value:
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case UUID():
            return str(value)
        case _:
            raise TypeError(f"no JSON for a {type(value).__name__}")
