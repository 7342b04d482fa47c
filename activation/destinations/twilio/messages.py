"""Twilio text messages: no dedupe key (class X), so what is in doubt is looked up by its text."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from activation.destinations.json_api import address, objects, of_whole, parsed_object
from activation.destinations.texting import number_of, text_of
from activation.destinations.twilio.settings import TwilioSettings
from activation.exchange import (
    Call,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Lookup,
    Outcome,
    Outgoing,
)

FACTS = Facts(
    auth="Basic: account SID and auth token, or API key and secret",
    batch=1,
    limit=Limit(rate=100, per_seconds=1, concurrency=10),
    retry_class="X",
    source="POST Messages.json (published contract 2026-04-14): one message; 429 with code 20429 "
    "is concurrency, never processed; the rate is ours: ask for what the account's numbers carry",
)
_QUEUE_SECONDS = range(6, 36_000)
_REFUSED = frozenset({400, 404, 422})
_OF_THE_ADDRESS: Mapping[int, Outcome] = {21211: "bounced", 21614: "bounced", 21610: "opted_out"}
_QUEUE_IS_FULL = frozenset({21611})
_OUR_SETTINGS = frozenset({20404, 21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705})
_LOOKED_AT = 1000
_CLOCKS_DIFFER = timedelta(minutes=1)


def build(batch: Sequence[Outgoing], settings: TwilioSettings, at: datetime) -> HttpRequest:
    """One message. Raises Unsendable for a number or text that cannot be sent.

    Twilio is told to forget it when it expires, if that is sooner than its own ten hours.
    """
    (item,) = batch
    sender = settings.brands.get(item.message.brand, settings.brands["default"])
    fields = {"To": number_of(item), "Body": text_of(item), **sender.fields()}
    if callback := settings.callback(item):
        fields["StatusCallback"] = callback
    seconds = int((item.message.expires_at - at).total_seconds())
    if seconds in _QUEUE_SECONDS:
        fields["ValidityPeriod"] = str(seconds)
    return _request("POST", "", urlencode(fields).encode(), settings)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx accepted; a 400 by its code: about the address, about our settings, or a refusal.

    A 429 was never processed, 401 and 403 switch off. 5xx, 408 and no answer are ambiguous.
    """
    (item,) = batch
    whole = of_whole(response, batch)
    if isinstance(response, Failure):
        return whole or []
    content = parsed_object(response)
    if whole is None:
        sid = content.get("sid")
        provider_id = sid if isinstance(sid, str) else None
        reason = f"http {response.status}"
        return [ItemVerdict(item.item_id, "accepted", reason, provider_id=provider_id)]
    code = content.get("code")
    if response.status in _REFUSED and isinstance(code, int):
        return [_refusal(item, code)]
    return whole


def _refusal(item: Outgoing, code: int) -> ItemVerdict:
    reason = f"twilio {code}"
    if code in _OF_THE_ADDRESS:
        return ItemVerdict(item.item_id, _OF_THE_ADDRESS[code], reason)
    if code in _QUEUE_IS_FULL:
        return ItemVerdict(item.item_id, "throttled", reason)
    if code in _OUR_SETTINGS:
        return ItemVerdict(item.item_id, "throttled", reason, disable=True)
    return ItemVerdict(item.item_id, "rejected", reason)


def look_up(item: Outgoing, settings: TwilioSettings, since: datetime) -> HttpRequest:
    """Asks for the latest messages to the same number: the API finds none by an id of ours."""
    del since  # what is only queued has no date of sending yet, which is what can be filtered by
    query = urlencode({"To": number_of(item), "PageSize": _LOOKED_AT})
    return _request("GET", f"?{query}", b"", settings)


def found(response: HttpAnswer | Failure, item: Outgoing) -> bool | None:
    """True when the number got this text since the hand-over, false when it got nothing.

    Null when it got something else: a messaging service may have changed the text.
    """
    if isinstance(response, Failure) or of_whole(response, [item]) is not None:
        return None
    content = parsed_object(response)
    if not isinstance(content.get("messages"), list):
        return None
    earliest = item.message.handed_at - _CLOCKS_DIFFER
    texts = [
        str(one.get("body")).strip()
        for one in objects(content["messages"])
        if not str(one.get("direction")).startswith("inbound") and _may_be_since(one, earliest)
    ]
    if text_of(item).strip() in texts:
        return True
    return None if texts or content.get("next_page_uri") else False


def _may_be_since(one: Mapping[str, Any], earliest: datetime) -> bool:
    try:
        at = parsedate_to_datetime(str(one.get("date_created")))
    except ValueError:
        return True
    return at.astimezone(UTC).replace(tzinfo=None) >= earliest


def _request(method: str, suffix: str, content: bytes, settings: TwilioSettings) -> HttpRequest:
    path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages.json{suffix}"
    headers = {"authorization": settings.login(), "accept": "application/json"}
    if content:
        headers["content-type"] = "application/x-www-form-urlencoded"
    url = address(settings.url, path)
    return HttpRequest(method, url, headers, content, settings.timeout_seconds)


CALL = Call(FACTS, build, verdicts, lookup=Lookup(look_up, found))
