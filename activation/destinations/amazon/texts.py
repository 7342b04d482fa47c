"""Text messages by Amazon SNS (class X)."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from activation.destinations.amazon.answers import judged, without_suffix
from activation.destinations.amazon.settings import SnsSettings
from activation.destinations.texting import number_of, text_of
from activation.exchange import (
    Call,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Outgoing,
)
from activation.preferences import COMMERCIAL

FACTS = Facts(
    auth="AWS Signature Version 4",
    batch=1,
    limit=Limit(rate=20, per_seconds=1, concurrency=10),
    retry_class="X",
    source="Publish (API 2010-03-31): one number; the rate is ours: what a second carries hangs on "
    "country and sender, and a month's spending has a limit that no answer tells of",
)
_VERSION = "2010-03-31"
_HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_CODE = re.compile(rb"<Code>([A-Za-z.]{1,64})</Code>")
_ID = re.compile(rb"<MessageId>([A-Za-z0-9-]{1,64})</MessageId>")
_OPTED_OUT = re.compile(rb"opted[ -]?out", re.IGNORECASE)


def build(batch: Sequence[Outgoing], settings: SnsSettings, at: datetime) -> HttpRequest:
    """One text. Raises Unsendable for a number or text that cannot be sent.

    Commercial ones are `Promotional`, others `Transactional`: that is what AWS charges by.
    """
    del at
    (item,) = batch
    sender = settings.brands.get(item.message.brand, settings.brands["default"])
    is_commercial = item.message.message_class in COMMERCIAL
    attributes = {
        "AWS.SNS.SMS.SMSType": "Promotional" if is_commercial else "Transactional",
        "AWS.SNS.SMS.SenderID": sender.sender_id,
        "AWS.MM.SMS.OriginationNumber": sender.number,
    }
    fields = {
        "Action": "Publish",
        "Version": _VERSION,
        "PhoneNumber": number_of(item),
        "Message": text_of(item),
    }
    given = [(name, value) for name, value in attributes.items() if value]
    for number, (name, value) in enumerate(given, 1):
        entry = f"MessageAttributes.entry.{number}"
        fields[f"{entry}.Name"] = name
        fields[f"{entry}.Value.DataType"] = "String"
        fields[f"{entry}.Value.StringValue"] = value
    return settings.request("sns", "sns", "/", _HEADERS, urlencode(fields).encode())


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx accepted. 4xx by its code: too early, about our account, opted out, or refused.

    5xx, 408 and no answer are ambiguous, and SNS cannot be asked.
    """
    (item,) = batch
    content = response.content if isinstance(response, HttpAnswer) else b""
    code = without_suffix(_first(_CODE, content))
    if code == "OptedOut" or (code.startswith("InvalidParameter") and _OPTED_OUT.search(content)):
        return [ItemVerdict(item.item_id, "opted_out", "sns opted_out")]
    told = judged(response, batch, code, "sns")
    if told is not None or isinstance(response, Failure):
        return told or []
    reason, own = f"http {response.status}", _first(_ID, content)
    return [ItemVerdict(item.item_id, "accepted", reason, provider_id=own or None)]


def _first(pattern: re.Pattern[bytes], content: bytes) -> str:
    found = pattern.search(content)
    return found[1].decode() if found else ""


CALL = Call(FACTS, build, verdicts)
