"""Receipts of one's own gateway, signed as Standard Webhooks 1.0 says, with a secret of their own.

`{"type": "message.delivered", "timestamp": …, "data": {"message_id", "channel", "address", …}}`;
the type is one of the statuses, and `webhook-id` is the receipt.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from activation.destinations.mailing import is_address
from activation.destinations.receiver import Call, Read, Report, Status, short_text

_STATUSES: Mapping[str, Status] = {f"message.{status}": status for status in get_args(Status)}
_PHONE = re.compile(r"\+?[0-9 ()./-]+")
_DIGITS = range(7, 16)
_CHANNELS = frozenset({"email", "sms", "whatsapp"})


def is_genuine(call: Call, secret: SecretStr | None) -> bool:
    """Whether id, time and body are signed with the secret, not longer than five minutes ago."""
    if secret is None:
        return False
    try:
        receiver = Webhook(secret.get_secret_value())
        receiver.verify(call.content, dict(call.headers), json_parse=False)
    except (WebhookVerificationError, ValueError, OverflowError):
        return False
    return True


def read(call: Call) -> Read:
    """The one report of a request. Types of other things are ignored."""
    try:
        content: Any = json.loads(call.content)
    except (ValueError, RecursionError):
        return Read(bad=[call.content.decode("utf-8", "replace")])
    kind = content.get("type") if isinstance(content, Mapping) else None
    if not isinstance(kind, str):
        return Read(bad=[content])
    if not kind.startswith("message."):
        return Read(ignored=1)
    report = _report(call, content) if kind in _STATUSES else None
    return Read([report]) if report else Read(bad=[content])


def _report(call: Call, content: Mapping[str, Any]) -> Report | None:
    data = content.get("data")
    event_id, at = short_text(call.headers.get("webhook-id")), _time(content.get("timestamp"))
    if not isinstance(data, Mapping) or event_id is None or at is None:
        return None
    message_id, address = short_text(data.get("message_id")), short_text(data.get("address"))
    channel, until = short_text(data.get("channel")), data.get("suppressed_until")
    is_known = bool(message_id or address) and channel in _CHANNELS
    is_usable = address is None or _is_usable(str(channel), address)
    if not is_known or not is_usable or (until is not None and _time(until) is None):
        return None
    status = _STATUSES[content["type"]]
    reason = short_text(data.get("reason"), 60)
    return Report(event_id, status, at, str(channel), address, message_id, reason, _time(until))


def _is_usable(channel: str, address: str) -> bool:
    if channel == "email":
        return is_address(address)
    return bool(_PHONE.fullmatch(address)) and sum(map(str.isdigit, address)) in _DIGITS


def _time(text: object) -> datetime | None:
    """Naive UTC of an ISO 8601 text, null for what is none."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return at.astimezone(UTC).replace(tzinfo=None) if at and at.tzinfo else at
    except (ValueError, OverflowError):
        return None
