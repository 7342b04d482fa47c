"""Twilio text messages: no dedupe key (class X), so what is in doubt is looked up by its text."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from activation.destinations.json_api import (
    ServiceUrl,
    address,
    objects,
    of_whole,
    parsed_object,
)
from activation.destinations.kind import Call, Kind, fixed
from activation.destinations.mailing import part_of
from activation.destinations.settings import Settings
from activation.exchange import (
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Lookup,
    Outcome,
    Outgoing,
    Unsendable,
)

MESSAGES = Facts(
    auth="Basic: account SID and auth token, or API key and secret",
    batch=1,
    limit=Limit(rate=100, per_seconds=1, concurrency=10),
    retry_class="X",
    source="POST Messages.json (published contract 2026-04-14): one message; 429 with code 20429 "
    "is concurrency, never processed; the rate is ours: ask for what the account's numbers carry",
)
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST = 1600
_QUEUE_SECONDS = range(6, 36_000)
_REFUSED = range(400, 500)
_THROTTLED = 429
_OF_THE_ADDRESS: Mapping[int, Outcome] = {21211: "bounced", 21614: "bounced", 21610: "opted_out"}
_QUEUE_IS_FULL = frozenset({21611})
_OUR_SETTINGS = frozenset({20003, 20404, 21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705})
_LOOKED_AT = 1000
_CLOCKS_DIFFER = timedelta(minutes=1)


class Sender(BaseModel):
    """What a brand sends from: a number (or name) of the account, or a messaging service."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: str | None = None
    messaging_service: str | None = Field(default=None, pattern="^MG[0-9a-fA-F]{32}$")

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.number is None) == (self.messaging_service is None):
            raise ValueError("needs a number or a messaging_service, not both")
        return self

    def fields(self) -> dict[str, str]:
        """The same as the API names it."""
        if self.messaging_service is not None:
            return {"MessagingServiceSid": self.messaging_service}
        return {"From": str(self.number)}


class TwilioSettings(Settings):
    """An account. `brands` needs `default`, used for brands that are not named.

    Requests are signed with the API key if there is one, else with the auth token. With
    `public_url`, where `baton serve` can be reached, receipts are asked for.
    """

    type: Literal["twilio"]
    url: ServiceUrl = HttpUrl("https://api.twilio.com")
    account_sid: str = Field(pattern="^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr | None = None
    api_key: str | None = Field(default=None, pattern="^SK[0-9a-fA-F]{32}$")
    api_secret: SecretStr | None = None
    public_url: ServiceUrl | None = None
    brands: dict[str, Sender]

    @field_validator("brands")
    @classmethod
    def _has_default(cls, brands: dict[str, Sender]) -> dict[str, Sender]:
        if "default" not in brands:
            raise ValueError("needs a brand named default")
        return brands

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("api_key and api_secret belong together")
        if self.api_key is None and self.auth_token is None:
            raise ValueError("needs auth_token, or api_key and api_secret")
        if self.public_url is not None and self.auth_token is None:
            raise ValueError("public_url needs auth_token, which signs receipts")
        return self

    def login(self) -> str:
        """The value of the header Authorization."""
        name, secret = (
            (self.api_key, self.api_secret) if self.api_key else (self.account_sid, self.auth_token)
        )
        pair = f"{name}:{secret.get_secret_value() if secret else ''}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def callback(self, item: Outgoing) -> str | None:
        """Where receipts of a message are to go, null without `public_url`."""
        if self.public_url is None:
            return None
        message = item.message
        query = urlencode({"message_id": message.message_id})
        return address(self.public_url, f"/receipts/{quote(message.destination)}?{query}")


def build(batch: Sequence[Outgoing], settings: TwilioSettings, at: datetime) -> HttpRequest:
    """One message. Raises Unsendable for a number or text that cannot be sent.

    Twilio is told to forget it when it expires, if that is sooner than its own ten hours.
    """
    (item,) = batch
    sender = settings.brands.get(item.message.brand, settings.brands["default"])
    fields = {"To": _recipient(item), "Body": _text(item), **sender.fields()}
    if callback := settings.callback(item):
        fields["StatusCallback"] = callback
    seconds = int((item.message.expires_at - at).total_seconds())
    if seconds in _QUEUE_SECONDS:
        fields["ValidityPeriod"] = str(seconds)
    return _request("POST", "", urlencode(fields).encode(), settings)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """2xx accepted; a 4xx by its code: about the address, about our settings, or a refusal.

    A 429 was never processed. 5xx, 408 and no answer are ambiguous.
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
    is_told = response.status in _REFUSED and response.status != _THROTTLED
    return [_refusal(item, code)] if is_told and isinstance(code, int) else whole


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
    query = urlencode({"To": _recipient(item), "PageSize": _LOOKED_AT})
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
    if _text(item).strip() in texts:
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


def _recipient(item: Outgoing) -> str:
    number = item.message.address or ""
    if not _E164.fullmatch(number):
        raise Unsendable("address_not_usable")
    return number


def _text(item: Outgoing) -> str:
    text = part_of(item, "text")
    if not text.strip():
        raise Unsendable("text_is_empty")
    if len(text) > _LONGEST:
        raise Unsendable(f"text_longer_than {_LONGEST}")
    return text


_CALL = Call(MESSAGES, build, verdicts, lookup=Lookup(look_up, found))
KIND = Kind(TwilioSettings, fixed({"messages": _CALL}))
