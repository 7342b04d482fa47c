"""Webhooks signed as Standard Webhooks 1.0 says: `webhook-id` is the message id (class N)."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from pydantic import HttpUrl, SecretStr, field_validator
from standardwebhooks import Webhook

from activation.destinations import webhook_receipts
from activation.destinations.kind import Kind, fixed
from activation.destinations.receiver import Receiver
from activation.destinations.settings import Settings
from activation.exchange import (
    Call,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Outgoing,
    same_for_all,
)
from activation.quotas import wait_seconds
from baton.journal.clock import wall_clock

FACTS = Facts(
    auth="HMAC-SHA256 over id.timestamp.body",
    batch=1,
    limit=Limit(rate=50, per_seconds=1, concurrency=10),
    retry_class="N",
    source="https://www.standardwebhooks.com: 2xx is success, 410 disables; the rate is ours",
)
_PREFIX = "whsec_"
_NOT_THERE = frozenset({401, 403, 404, 410})
_THROTTLED = 429
_TIMEOUT = 408
_SERVER_ERRORS = 500


class WebhookSettings(Settings):
    """A receiver's address and shared secret; `event_type` names what is sent.

    With `receipts_secret` it may report what became of messages.
    """

    type: Literal["webhook"]
    url: HttpUrl
    secret: SecretStr
    event_type: str
    receipts_secret: SecretStr | None = None

    @field_validator("secret", "receipts_secret")
    @classmethod
    def _must_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None:
            return None
        text = secret.get_secret_value()
        try:
            key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except ValueError:
            key = b""
        if not text.startswith(_PREFIX) or not key:
            raise ValueError("is no webhook secret: whsec_ and base64")
        return secret


def build(batch: Sequence[Outgoing], settings: WebhookSettings, at: datetime) -> HttpRequest:
    """The signed request of one message; its body is the same at every try."""
    (item,) = batch
    body = json.dumps(_body(item, settings), ensure_ascii=False, sort_keys=True, default=str)
    message_id = item.message.message_id
    signature = Webhook(settings.secret.get_secret_value()).sign(message_id, at, body)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(math.floor(at.replace(tzinfo=UTC).timestamp())),
        "webhook-signature": signature,
    }
    return HttpRequest("POST", str(settings.url), headers, body.encode(), settings.timeout_seconds)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx accepted, 429 throttled, other 3xx and 4xx rejected; 408, 5xx, no answer are ambiguous.

    401, 403, 404 and 410 speak of the receiver, not of the message: throttled and disable.
    """
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    status, reason = response.status, f"http {response.status}"
    wait = retry_after_seconds(response.headers, wall_clock())
    if 200 <= status < 300:  # noqa: PLR2004  # the class of success
        return same_for_all(batch, "accepted", reason)
    if status == _THROTTLED:
        return same_for_all(batch, "throttled", reason, retry_after=wait)
    if status in _NOT_THERE:
        return same_for_all(batch, "throttled", reason, disable=True)
    if status == _TIMEOUT or status >= _SERVER_ERRORS:
        return same_for_all(batch, "ambiguous", reason, retry_after=wait)
    return same_for_all(batch, "rejected", reason)


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """`Retry-After` (RFC 9110, 10.2.3) in seconds from `now`, null when absent or unreadable.

    At most a day; a number that can only be a time is read as one.
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return wait_seconds(float(value), now)
    try:
        at = parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return wait_seconds((at.replace(tzinfo=None) - now).total_seconds(), now)


def _body(item: Outgoing, settings: WebhookSettings) -> dict[str, object]:
    message = item.message
    data: dict[str, object] = {
        "message_id": message.message_id,
        "journey": message.journey,
        "action": message.action,
        "brand": message.brand,
        "contact_point_id": message.contact_point_id,
        "person_id": message.person_id,
        "expires_at": message.expires_at.isoformat() + "Z",
        **item.parts,
    }
    data |= {"to": message.address} if message.address else {"context": dict(message.variables)}
    stamp = message.handed_at.isoformat() + "Z"
    return {"type": settings.event_type, "timestamp": stamp, "data": data}


def _reports(settings: WebhookSettings) -> bool:
    return settings.receipts_secret is not None


RECEIVER = Receiver(
    _reports,
    lambda call, settings: webhook_receipts.is_genuine(call, settings.receipts_secret),
    lambda call, _settings: webhook_receipts.read(call),
)
KIND = Kind(WebhookSettings, fixed({"messages": Call(FACTS, build, verdicts)}), RECEIVER)
