"""SendGrid mail/send: one rendered mail a request; the message id comes back with receipts (X)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activation.destinations.json_api import code_in, objects, parsed_object
from activation.destinations.mailing import (
    message_id_of,
    part_of,
    recipient_of,
    unsubscribe_headers,
)
from activation.destinations.sendgrid.settings import (
    SOURCE,
    SendGridSettings,
    reason_of,
    request_to,
    told_of_all,
)
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
    auth="Bearer",
    batch=1,
    limit=Limit(rate=100, per_seconds=1, concurrency=10),
    retry_class="X",
    source=f"POST /v3/mail/send: 1,000 personalizations, but one content, so one mail; {SOURCE}",
    bucket="mail",
)
_BAD_REQUEST = 400


def build(batch: Sequence[Outgoing], settings: SendGridSettings, at: datetime) -> HttpRequest:
    """One mail. Raises Unsendable for an address or part it cannot carry.

    SendGrid's own unsubscribe links are off: they would replace the header of ours.
    """
    del at
    (item,) = batch
    message, brand = item.message, settings.brand(item)
    headers = {"Message-ID": message_id_of(item, brand), **unsubscribe_headers(item, settings)}
    content = [{"type": "text/plain", "value": part_of(item, "text")}]
    if "html" in item.parts:
        content.append({"type": "text/html", "value": item.parts["html"]})
    body: dict[str, Any] = {
        "personalizations": [
            {
                "to": [{"email": recipient_of(item)}],
                "headers": headers,
                "custom_args": {"message_id": message.message_id},
            }
        ],
        "from": {"email": brand.sender, "name": brand.name},
        "subject": part_of(item, "subject"),
        "content": content,
        "categories": [message.journey, message.action],
        "tracking_settings": {"subscription_tracking": {"enable": False}},
    }
    if settings.unsubscribe_group is not None and message.message_class in COMMERCIAL:
        body["asm"] = {"group_id": settings.unsubscribe_group}
    return request_to("POST", "/v3/mail/send", body, settings)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """202 accepted; a 400 by the field that it names: address, sender (switch off), or other."""
    (item,) = batch
    whole = told_of_all(response, batch)
    if isinstance(response, Failure):
        return whole or []
    if whole is None:
        return [_accepted(item, response)]
    field = _wrong_field(response)
    if response.status != _BAD_REQUEST or field is None:
        return whole
    reason = f"sendgrid {field}"
    if field.startswith("personalizations.0.to"):
        return [ItemVerdict(item.item_id, "bounced", reason)]
    if field.startswith("from"):
        return [ItemVerdict(item.item_id, "throttled", reason, disable=True)]
    return [ItemVerdict(item.item_id, "rejected", reason)]


def _accepted(item: Outgoing, response: HttpAnswer) -> ItemVerdict:
    provider_id = response.headers.get("x-message-id")
    return ItemVerdict(item.item_id, "accepted", reason_of(response), provider_id=provider_id)


def _wrong_field(response: HttpAnswer) -> str | None:
    fields = [one.get("field") for one in objects(parsed_object(response).get("errors"))]
    return code_in(fields[0], "") or None if fields else None


CALL = Call(FACTS, build, verdicts)
