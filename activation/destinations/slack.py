"""Slack messages for the own people: hand-overs and tasks, into a channel (class X)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import HttpUrl, SecretStr, field_validator

from activation.destinations.json_api import (
    ServiceUrl,
    address,
    code_in,
    json_request,
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
    Outcome,
    Outgoing,
    same_for_all,
)

MESSAGES = Facts(
    auth="Bearer",
    batch=1,
    limit=Limit(rate=1, per_seconds=1, concurrency=1),
    retry_class="X",
    source="chat.postMessage (published contract 2021-09-07): about one a second and channel, "
    "Retry-After; here one a second in all",
)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_OUTCOMES: Mapping[str, Outcome] = {
    "rate_limited": "throttled",
    "ratelimited": "throttled",
    "internal_error": "ambiguous",
    "fatal_error": "ambiguous",
    "service_unavailable": "ambiguous",
    "request_timeout": "ambiguous",
}
_OUR_SETTINGS = frozenset(
    [
        "access_denied",
        "account_inactive",
        "channel_not_found",
        "enterprise_is_restricted",
        "invalid_auth",
        "is_archived",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "restricted_action",
        "token_expired",
        "token_revoked",
    ]
)


class SlackSettings(Settings):
    """A bot of a workspace, and its channels by action or brand; `default` is for all others."""

    type: Literal["slack"]
    url: ServiceUrl = HttpUrl("https://slack.com/api")
    token: SecretStr
    channels: dict[str, str]

    @field_validator("channels")
    @classmethod
    def _has_default(cls, channels: dict[str, str]) -> dict[str, str]:
        if "default" not in channels:
            raise ValueError("needs a channel named default")
        return channels

    def channel(self, item: Outgoing) -> str:
        """Where a message goes: by its action, else its brand."""
        named = (item.message.action, item.message.brand, "default")
        return next(self.channels[name] for name in named if name in self.channels)


def build(batch: Sequence[Outgoing], settings: SlackSettings, at: datetime) -> HttpRequest:
    """Title, text and the message id, by which `baton explain` knows it."""
    del at
    (item,) = batch
    title, text = part_of(item, "title"), part_of(item, "text")
    body = {
        "channel": settings.channel(item),
        "text": f"*{_plain(title)}*\n{_plain(text)}\n`{item.message.message_id}`",
        "unfurl_links": False,
        "unfurl_media": False,
    }
    headers = {
        "authorization": f"Bearer {settings.token.get_secret_value()}",
        "content-type": "application/json; charset=utf-8",
    }
    url = address(settings.url, "/chat.postMessage")
    return json_request("POST", url, headers, body, settings)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """A 200 says by `ok` whether it was posted, and by `error` why not.

    What lies at the token or the channel asks to be switched off: no message is lost by it.
    """
    whole = of_whole(response, batch)
    if whole is not None or isinstance(response, Failure):
        return whole or []
    content = parsed_object(response)
    if content.get("ok") is True:
        at = content.get("ts")
        provider_id = at if isinstance(at, str) else None
        return [
            ItemVerdict(one.item_id, "accepted", "slack ok", provider_id=provider_id)
            for one in batch
        ]
    if content.get("ok") is not False:
        return same_for_all(batch, "ambiguous", "slack answer_not_understood")
    error = code_in(content.get("error"), "error_without_a_code")
    if error in _OUR_SETTINGS:
        return same_for_all(batch, "throttled", f"slack {error}", disable=True)
    return same_for_all(batch, _OUTCOMES.get(error, "rejected"), f"slack {error}")


def _plain(text: str) -> str:
    """Text in which Slack sees no mention, link or channel."""
    return text.translate(_ESCAPED)


KIND = Kind(SlackSettings, fixed({"messages": Call(MESSAGES, build, verdicts)}))
