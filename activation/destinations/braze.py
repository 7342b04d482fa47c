"""Braze: attributes, audiences and subscription groups are set (U); campaigns are triggered (X)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from pydantic import Field, SecretStr

from activation.destinations import forgetting
from activation.destinations.json_api import (
    ServiceUrl,
    address,
    json_request,
    objects,
    of_whole,
    parsed_object,
    seconds_until,
    sendable,
    split,
)
from activation.destinations.kind import Call, Calls, Kind
from activation.destinations.people import user_id
from activation.destinations.settings import Settings
from activation.exchange import (
    Change,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Outgoing,
    Unsendable,
    same_for_all,
)

_MOST_UPDATES = 75
_BAD_REQUEST = 400
_IDENTIFIERS = ("external_id", "braze_id", "user_alias", "email", "phone")
_SUBSCRIBERS = {"external_id": "external_ids", "email": "emails", "phone": "phones"}
_CONSENT = frozenset({"email_subscribe", "push_subscribe", "subscription_groups"})

TRACK = Facts(
    auth="Bearer",
    batch=_MOST_UPDATES,
    limit=Limit(rate=3000, per_seconds=3, concurrency=20),
    retry_class="U",
    source="POST /users/track: 75 objects, 3,000 requests / 3 s; contracts by active users: 50",
    bucket="track",
)
STATUS = Facts(
    auth="Bearer",
    batch=50,
    limit=Limit(rate=5000, per_seconds=60, concurrency=10),
    retry_class="U",
    source="POST /v2/subscription/status/set: 50 users, 5,000 requests / min",
    bucket="subscriptions",
)
DELETE = forgetting.facts(
    "Bearer",
    Limit(rate=20_000, per_seconds=60, concurrency=5),
    "POST /users/delete: 20,000 requests / min shared with calls that identify users; of several "
    "users with one address the identified or latest goes",
    bucket="users",
)
TRIGGER = Facts(
    auth="Bearer",
    batch=1,
    limit=Limit(rate=250_000, per_seconds=3600, concurrency=20),
    retry_class="X",
    source="POST /campaigns/trigger/send: 250,000 requests / h; an answer tells no recipients "
    "apart, so one a request",
    bucket="messages",
)


class BrazeSettings(Settings):
    """A workspace: the REST endpoint of its instance and an API key.

    `updates_per_request` is 50 in contracts by monthly active users. `audience` is the custom
    attribute that members carry, `subscription_group` the group that suppressions leave. A
    message triggers the campaign of its template in `campaigns`, or the one named `default`;
    `user_id` is the variable that holds the external id, by default the person id is it.
    """

    type: Literal["braze"]
    url: ServiceUrl
    api_key: SecretStr
    updates_per_request: int = Field(default=_MOST_UPDATES, ge=1, le=_MOST_UPDATES)
    audience: str | None = None
    subscription_group: str | None = None
    campaigns: dict[str, str] = Field(default_factory=dict)
    user_id: str | None = None


def build_profiles(batch: Sequence[Change], settings: BrazeSettings, at: datetime) -> HttpRequest:
    """The attributes of some users; a null clears. Raises Unsendable when none can be sent."""
    del at
    attributes = [dict(change.fields) for change in sendable(batch, _profile_fault)]
    return _post("/users/track", {"attributes": attributes}, settings)


def build_audience(batch: Sequence[Change], settings: BrazeSettings, at: datetime) -> HttpRequest:
    """Membership as a custom attribute: true, or cleared. Nobody is created by it."""
    del at
    attributes = [
        {
            **_identifier(change.fields),
            str(settings.audience): True if change.op == "upsert" else None,
            "_update_existing_only": True,
        }
        for change in sendable(batch, _member_fault)
    ]
    return _post("/users/track", {"attributes": attributes}, settings)


def track_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change], *, fault: Any
) -> list[ItemVerdict]:
    """Objects named in `errors` by index are rejected, the others accepted (2xx).

    A 400 that names objects leaves the others unsent; one that names none rejects the batch. With
    an error that names no object none of the others is taken for accepted: they are sent again.
    """
    sent, refused = split(batch, fault)
    wrong = _wrong_indexes(response, len(sent))
    is_mixed = _is_bad_request(response) and bool(wrong)
    whole = None if is_mixed else of_whole(response, sent, wait=_wait(response))
    if whole is not None:
        return [*whole, *refused]
    is_told = not is_mixed and len(_errors(response)) == len(wrong)
    verdicts = [
        ItemVerdict(change.item_id, "rejected", "braze attributes_error")
        if index in wrong
        else ItemVerdict(change.item_id, "accepted", _reason(response))
        if is_told
        else ItemVerdict(change.item_id, "not_sent", "braze error_elsewhere")
        for index, change in enumerate(sent)
    ]
    return [*verdicts, *refused]


def build_suppressions(
    batch: Sequence[Change], settings: BrazeSettings, at: datetime
) -> HttpRequest:
    """Users leave the subscription group (upsert), or are back in it by newer consent (remove)."""
    del at
    groups = [
        {
            "subscription_group_id": settings.subscription_group,
            "subscription_state": state,
            **_subscribers(one.fields for one in changes),
        }
        for state, changes in _by_state(sendable(batch, _subscriber_fault)).items()
    ]
    return _post("/v2/subscription/status/set", {"subscription_groups": groups}, settings)


def suppression_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change]
) -> list[ItemVerdict]:
    """All or nothing: this answer names no users. With errors in it all are sent again."""
    sent, refused = split(batch, _subscriber_fault)
    whole = of_whole(response, sent, wait=_wait(response))
    if whole is None and _errors(response):
        whole = same_for_all(sent, "not_sent", "braze error_elsewhere")
    return [*(whole or same_for_all(sent, "accepted", _reason(response))), *refused]


def build_message(batch: Sequence[Outgoing], settings: BrazeSettings, at: datetime) -> HttpRequest:
    """One recipient of an API-triggered campaign; the parts are its trigger properties.

    The address that consent was checked for is set on the user first, so it is the one used.
    Raises Unsendable without a campaign, or without the user's id.
    """
    del at
    (item,) = batch
    template = item.message.template or "default"
    campaign = settings.campaigns.get(template, settings.campaigns.get("default"))
    if campaign is None:
        raise Unsendable("no_campaign_for_the_template")
    recipient: dict[str, Any] = {
        "external_user_id": user_id(item, settings.user_id),
        "send_to_existing_only": False,
        "trigger_properties": {**item.parts, **_envelope(item)},
    }
    if item.message.address:
        field = "email" if "@" in item.message.address else "phone"
        recipient["attributes"] = {field: item.message.address}
    body = {"campaign_id": campaign, "broadcast": False, "recipients": [recipient]}
    return _post("/campaigns/trigger/send", body, settings)


def message_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Outgoing]
) -> list[ItemVerdict]:
    """Accepted with the dispatch id; a 2xx without one, or with errors, is ambiguous."""
    whole = of_whole(response, batch, wait=_wait(response))
    if whole is not None or isinstance(response, Failure):
        return whole or []
    content = parsed_object(response)
    dispatch_id = content.get("dispatch_id")
    if not isinstance(dispatch_id, str) or content.get("errors"):
        return same_for_all(batch, "ambiguous", "braze not_dispatched_for_sure")
    (item,) = batch
    return [ItemVerdict(item.item_id, "accepted", _reason(response), provider_id=dispatch_id)]


def build_erasure(batch: Sequence[Outgoing], settings: BrazeSettings, at: datetime) -> HttpRequest:
    """Delete a user by external id or e-mail. Raises Unsendable for other identifiers."""
    del at
    (item,) = batch
    match forgetting.told(item):
        case "external_id", value:
            return _post("/users/delete", {"external_ids": [value]}, settings)
        case "email", value:
            found_by = {"email": value, "prioritization": ["identified", "most_recently_updated"]}
            return _post("/users/delete", {"email_addresses": [found_by]}, settings)
        case _:
            raise Unsendable("no_identifier")


def erasure_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Outgoing]
) -> list[ItemVerdict]:
    """Accepted when deleted, or when there is nobody."""
    return forgetting.verdicts(response, batch, wait=_wait(response))


def _post(path: str, body: object, settings: BrazeSettings) -> HttpRequest:
    headers = {"authorization": f"Bearer {settings.api_key.get_secret_value()}"}
    return json_request("POST", address(settings.url, path), headers, body, settings)


def _reason(response: HttpAnswer | Failure) -> str:
    return f"http {response.status}" if isinstance(response, HttpAnswer) else response.detail


def _wait(response: HttpAnswer | Failure) -> float | None:
    if isinstance(response, Failure):
        return None
    return seconds_until(response.headers.get("x-ratelimit-reset"))


def _is_bad_request(response: HttpAnswer | Failure) -> bool:
    return isinstance(response, HttpAnswer) and response.status == _BAD_REQUEST


def _errors(response: HttpAnswer | Failure) -> list[Any]:
    errors = None if isinstance(response, Failure) else parsed_object(response).get("errors")
    return errors if isinstance(errors, list) else []


def _wrong_indexes(response: HttpAnswer | Failure, count: int) -> list[int]:
    errors = objects(_errors(response))
    indexes = [one.get("index") for one in errors if one.get("input_array") == "attributes"]
    return [index for index in indexes if isinstance(index, int) and 0 <= index < count]


def _profile_fault(change: Change) -> str | None:
    if change.op == "remove":
        return "braze deletes_no_profiles"
    if consent := sorted(_CONSENT & set(change.fields)):
        return f"consent_field {consent[0]}"
    return _member_fault(change)


def _member_fault(change: Change) -> str | None:
    return None if _identifier(change.fields) else "no_identifier"


def _subscriber_fault(change: Change) -> str | None:
    return None if any(change.fields.get(name) for name in _SUBSCRIBERS) else "no_identifier"


def _identifier(fields: Mapping[str, object]) -> dict[str, object]:
    """The first identifier that is there."""
    return next(({name: fields[name]} for name in _IDENTIFIERS if fields.get(name)), {})


def _by_state(changes: Sequence[Change]) -> dict[str, list[Change]]:
    states: dict[str, list[Change]] = {}
    for change in changes:
        state = "unsubscribed" if change.op == "upsert" else "subscribed"
        states.setdefault(state, []).append(change)
    return states


def _subscribers(all_fields: Iterable[Mapping[str, object]]) -> dict[str, list[object]]:
    """Each user by the first identifier that is there: never two ways for one."""
    found: dict[str, list[object]] = {}
    for fields in all_fields:
        name = next(name for name in _SUBSCRIBERS if fields.get(name))
        found.setdefault(_SUBSCRIBERS[name], []).append(fields[name])
    return found


def _envelope(item: Outgoing) -> dict[str, object]:
    return {"message_id": item.item_id, "journey": item.message.journey}


def _calls(settings: BrazeSettings) -> Calls:
    track = replace(TRACK, batch=settings.updates_per_request)
    calls: dict[Any, Call] = {
        "profiles": Call(track, build_profiles, partial(track_verdicts, fault=_profile_fault)),
        "erasures": Call(DELETE, build_erasure, erasure_verdicts),
    }
    if settings.audience:
        verdicts = partial(track_verdicts, fault=_member_fault)
        calls["audiences"] = Call(track, build_audience, verdicts)
    if settings.subscription_group:
        calls["suppressions"] = Call(STATUS, build_suppressions, suppression_verdicts)
    if settings.campaigns:
        calls["messages"] = Call(TRIGGER, build_message, message_verdicts)
    return calls


KIND = Kind(BrazeSettings, _calls, erases_by=("external_id", "email"))
