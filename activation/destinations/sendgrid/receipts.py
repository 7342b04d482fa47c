"""Receipts of SendGrid: the event webhook, signed by ECDSA over its timestamp and body.

What a signed request says twice changes nothing, so that its age is not looked at.
"""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from activation.destinations.mailing import is_address
from activation.destinations.receiver import (
    Call,
    Read,
    Receiver,
    Report,
    Status,
    short_text,
    utc_of,
)
from activation.destinations.sendgrid.settings import SendGridSettings, public_key

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_CODE = re.compile(r"\d\.\d{1,3}\.\d{1,3}|\d{3}")
_STATUSES: Mapping[str, Status] = {
    "delivered": "delivered",
    "bounce": "bounced",
    "open": "opened",
    "click": "clicked",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
_DROPPED: Mapping[str, Status] = {
    "bounced address": "bounced",
    "invalid": "bounced",
    "spam reporting address": "complained",
    "unsubscribed address": "unsubscribed",
}


def is_genuine(call: Call, settings: SendGridSettings) -> bool:
    """Whether the signature of timestamp and body is of the account's key."""
    if settings.receipts_key is None:
        return False
    try:
        signature = b64decode(call.headers.get(_SIGNATURE, ""), validate=True)
        signed = call.headers.get(_TIMESTAMP, "").encode() + call.content
        public_key(settings.receipts_key).verify(signature, signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read(call: Call, settings: SendGridSettings) -> Read:
    """The events of one request; what is no event, or lacks what it should say, is bad."""
    try:
        events: Any = json.loads(call.content)
    except (ValueError, RecursionError):
        return Read(bad=[call.content.decode("utf-8", "replace")])
    given: list[Any] = events if isinstance(events, list) else [events]
    told = [event for event in given if not _is_of_no_use(event)]
    reports = [(event, _report(event, settings)) for event in told]
    return Read(
        [report for _, report in reports if report],
        [event for event, report in reports if report is None],
        len(given) - len(told),
    )


def _is_of_no_use(event: Any) -> bool:
    """Other events, and mails that a machine has opened."""
    if not isinstance(event, Mapping) or not isinstance(event.get("event"), str):
        return False
    is_known = event["event"] in _STATUSES or event["event"] == "dropped"
    return not is_known or event.get("sg_machine_open") is True


def _report(event: Any, settings: SendGridSettings) -> Report | None:
    if not isinstance(event, Mapping) or not isinstance(event.get("event"), str):
        return None
    event_id, address = short_text(event.get("sg_event_id")), event.get("email")
    occurred_at = utc_of(event.get("timestamp"))
    if event_id is None or occurred_at is None or not is_address(address):
        return None
    is_soft = event["event"] == "bounce" and event.get("type") == "blocked"
    rest = timedelta(days=settings.soft_bounce_days)
    return Report(
        event_id=event_id,
        status=_status(event),
        occurred_at=occurred_at,
        channel="email",
        address=str(address),
        message_id=short_text(event.get("message_id")),
        reason=_reason(event),
        suppressed_until=occurred_at + rest if is_soft else None,
    )


def _status(event: Mapping[str, Any]) -> Status:
    if event["event"] == "dropped":
        return _DROPPED.get(str(event.get("reason", "")).strip().lower(), "failed")
    return _STATUSES[event["event"]]


def _reason(event: Mapping[str, Any]) -> str:
    """What happened as codes: SendGrid's texts repeat addresses."""
    code = str(event.get("status") or "")
    return f"sendgrid {event['event']} {code if _CODE.fullmatch(code) else ''}".strip()


def _is_on(settings: SendGridSettings) -> bool:
    return settings.receipts_key is not None


RECEIVER = Receiver(_is_on, is_genuine, read)
