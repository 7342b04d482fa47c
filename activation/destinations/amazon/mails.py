"""Mails by Amazon SES, API v2 (class X): whole mails, one recipient each."""

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activation.destinations.amazon.answers import judged, without_suffix
from activation.destinations.amazon.settings import SesSettings
from activation.destinations.json_api import code_in, encoded, parsed_object
from activation.destinations.mailing import recipient_of
from activation.destinations.mime import mail_of
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

FACTS = Facts(
    auth="AWS Signature Version 4",
    batch=1,
    limit=Limit(rate=14, per_seconds=1, concurrency=10),
    retry_class="X",
    source="POST /v2/email/outbound-emails (API 2019-09-27): up to 50 recipients, who would see "
    "each other: so one; the console says what the account may send, in a sandbox 1 a second",
)
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADERS = {"content-type": "application/json", "accept": "application/json"}


def build(batch: Sequence[Outgoing], settings: SesSettings, at: datetime) -> HttpRequest:
    """One mail. Raises Unsendable for an address or part that it cannot carry.

    SES replaces Date and Message-ID; the message id travels as a tag, which its events repeat.
    """
    (item,) = batch
    message_id = item.message.message_id
    body: dict[str, Any] = {
        "FromEmailAddress": settings.brand(item).sender,
        "Destination": {"ToAddresses": [recipient_of(item)]},
        "Content": {"Raw": {"Data": b64encode(mail_of(item, settings, at)).decode()}},
    }
    if _TAG.fullmatch(message_id):
        body["EmailTags"] = [{"Name": "message_id", "Value": message_id}]
    if settings.configuration_set:
        body["ConfigurationSetName"] = settings.configuration_set
    return settings.request("ses", "email", "/v2/email/outbound-emails", _HEADERS, encoded(body))


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx accepted. 4xx by its code: too early, about our account or identities, or refused.

    5xx, 408 and no answer are ambiguous, and SES cannot be asked.
    """
    (item,) = batch
    code = _code(response) if isinstance(response, HttpAnswer) else ""
    is_unverified = code == "MessageRejected" and _says(response, "not verified")
    told = judged(response, batch, code, "ses", is_about_us=is_unverified)
    if told is not None or isinstance(response, Failure):
        return told or []
    own = parsed_object(response).get("MessageId")
    provider_id = own if isinstance(own, str) else None
    reason = f"http {response.status}"
    return [ItemVerdict(item.item_id, "accepted", reason, provider_id=provider_id)]


def _code(answer: HttpAnswer) -> str:
    """By the header, else by the content: `Name:url` or `namespace#Name`."""
    told = answer.headers.get("x-amzn-errortype") or parsed_object(answer).get("__type")
    name = str(told or "").partition(":")[0].rpartition("#")[2]
    return without_suffix(code_in(name, ""))


def _says(response: HttpAnswer | Failure, words: str) -> bool:
    content = parsed_object(response) if isinstance(response, HttpAnswer) else {}
    return words in str(content.get("message") or content.get("Message") or "")


CALL = Call(FACTS, build, verdicts)
