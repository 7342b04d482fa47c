"""What SES reports by a topic of SNS: bounces, complaints, deliveries, signed by SNS.

A request is signed by RSA over some of its fields, under a certificate of the region that it names
(SignatureVersion 2). Anybody can have a topic: only the one of the settings is listened to.
"""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from activation.destinations.amazon.settings import SesSettings
from activation.destinations.json_api import objects
from activation.destinations.mailing import is_address
from activation.destinations.receiver import Call, Read, Receiver, Report, Status, short_text

_SIGNED = (
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
_CONFIRMATION = "SubscriptionConfirmation"
_STATUSES: Mapping[str, tuple[Status, str, str]] = {
    "Bounce": ("bounced", "bounce", "bouncedRecipients"),
    "Complaint": ("complained", "complaint", "complainedRecipients"),
    "Delivery": ("delivered", "delivery", "recipients"),
    "Open": ("opened", "open", ""),
    "Click": ("clicked", "click", ""),
    "Reject": ("failed", "reject", ""),
}
_CODE = re.compile(r"[A-Za-z]{1,40}|\d\.\d{1,3}\.\d{1,3}")


def certificate_url(call: Call, settings: SesSettings) -> str | None:
    """Where the certificate is, if the request names one of its region and the right topic."""
    told = _outline(call, settings)
    url = str(told.get("SigningCertURL")) if told else ""
    base = settings.sns_url
    return url if url.startswith(base) and _CERTIFICATE.fullmatch(url[len(base) :]) else None


def is_genuine(call: Call, settings: SesSettings) -> bool:
    """Whether the signature is of the certificate, and the topic is ours."""
    told = _outline(call, settings)
    if told is None or call.fetched is None or told.get("SignatureVersion") != "2":
        return False
    fields = [(name, told.get(name)) for name in _SIGNED]
    text = "".join(f"{name}\n{value}\n" for name, value in fields if value is not None)
    try:
        key = x509.load_pem_x509_certificate(call.fetched).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        signature = b64decode(str(told.get("Signature")), validate=True)
        key.verify(signature, text.encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def confirmation_url(call: Call, settings: SesSettings) -> str | None:
    """What is to be visited so that the topic reports here, null for a report."""
    told = _outline(call, settings) or {}
    url = str(told.get("SubscribeURL"))
    is_asked = told.get("Type") == _CONFIRMATION and url.startswith(f"{settings.sns_url}/?")
    return url if is_asked else None


def read(call: Call, settings: SesSettings) -> Read:
    """A report for each recipient that an event names."""
    told = _outline(call, settings) or {}
    if told.get("Type") != "Notification":
        return Read(ignored=1)
    event = _object(told.get("Message"))
    kind = event.get("eventType") or event.get("notificationType") if event else None
    if event is None or not isinstance(kind, str) or kind not in _STATUSES:
        return Read(ignored=1)
    reports = list(_reports(event, kind, short_text(told.get("MessageId")), settings))
    good = [one for one in reports if one is not None]
    return Read(good, [event] if len(good) < len(reports) or not reports else [])


def _reports(
    event: Mapping[str, Any], kind: str, event_id: str | None, settings: SesSettings
) -> Iterator[Report | None]:
    status, part, recipients = _STATUSES[kind]
    about, mail = _mapping(event.get(part)), _mapping(event.get("mail"))
    occurred_at = _time(about.get("timestamp")) or _time(mail.get("timestamp"))
    is_soft = kind == "Bounce" and about.get("bounceType") != "Permanent"
    rest = timedelta(days=settings.soft_bounce_days)
    for number, told in enumerate(_recipients(about.get(recipients), mail.get("destination"))):
        address = told.get("emailAddress")
        if event_id is None or occurred_at is None or not is_address(address):
            yield None
            continue
        yield Report(
            event_id=f"{event_id}:{number}",
            status=status,
            occurred_at=occurred_at,
            channel="email",
            address=str(address),
            message_id=_message_id(mail),
            reason=_reason(kind, about, told),
            suppressed_until=occurred_at + rest if is_soft else None,
        )


def _recipients(told: Any, destination: Any) -> list[dict[str, Any]]:
    """Those that an event names, else those of the mail."""
    given = told if isinstance(told, list) and told else destination
    if not isinstance(given, list):
        return []
    return objects(given) or [{"emailAddress": one} for one in given]


def _message_id(mail: Mapping[str, Any]) -> str | None:
    """The tag that the message was sent with: only events of a configuration set repeat it."""
    told = _mapping(mail.get("tags")).get("message_id")
    return short_text(told[0]) if isinstance(told, list) and len(told) == 1 else None


def _reason(kind: str, about: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """What happened as codes: diagnostics of servers repeat addresses."""
    codes = (about.get("bounceType"), about.get("complaintFeedbackType"), told.get("status"))
    known = [one for one in codes if isinstance(one, str) and _CODE.fullmatch(one)]
    return " ".join(["ses", kind.lower(), *known])


def _outline(call: Call, settings: SesSettings) -> dict[str, Any] | None:
    """The request of the topic that is listened to, null for any other."""
    told = _object(call.content)
    is_ours = told is not None and told.get("TopicArn") == settings.receipts_topic
    return told if is_ours and settings.receipts_topic else None


def _object(text: Any) -> dict[str, Any] | None:
    try:
        content = json.loads(text) if isinstance(text, str | bytes) else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at and at.tzinfo else None


def _is_on(settings: SesSettings) -> bool:
    return settings.receipts_topic is not None


RECEIVER = Receiver(_is_on, is_genuine, read, needs=certificate_url, visits=confirmation_url)
