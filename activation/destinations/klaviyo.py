"""Klaviyo: profiles and suppressions by polled jobs (U), messages as events with an id (N).

Subscribing in bulk takes suppressions away there, so this module never subscribes anybody:
newer consent only lifts the suppression that was written by it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Any, Literal

from pydantic import Field, HttpUrl, SecretStr

from activation.destinations import forgetting
from activation.destinations.batches import Carried, carried, wait
from activation.destinations.json_api import (
    ServiceUrl,
    address,
    code_in,
    encoded,
    iso,
    json_request,
    objects,
    of_whole,
    parsed_object,
    split,
)
from activation.destinations.kind import Call, Calls, Kind
from activation.destinations.klaviyo_jobs import Now, job_id, job_verdicts, polled_verdicts
from activation.destinations.settings import Settings
from activation.exchange import (
    Change,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Job,
    Limit,
    Outgoing,
    Unsendable,
    Window,
    same_for_all,
)

_MOST_BYTES = 5_000_000
_MOST_BYTES_EACH = 100_000
_ENVELOPE_BYTES = 1000
_IDENTIFIERS = ("email", "phone_number", "external_id")
_ATTRIBUTES = frozenset(
    {*_IDENTIFIERS, "first_name", "last_name", "organization", "locale", "title", "image"}
)
_LOCATION = "location."
_CONSENT = "subscriptions"

IMPORT = Facts(
    auth="Klaviyo-API-Key, revision",
    batch=1000,
    limit=Limit(rate=150, per_seconds=60, concurrency=5, more=(Window(10, 1),)),
    retry_class="U",
    source="profile-bulk-import-jobs: 10,000 profiles, 5 MB, 100 kB each; 10/s, 150/min",
    bucket="imports",
)
SUPPRESS = Facts(
    auth="Klaviyo-API-Key, revision",
    batch=100,
    limit=Limit(rate=750, per_seconds=60, concurrency=10, more=(Window(75, 1),)),
    retry_class="U",
    source="profile-suppression-bulk-create-jobs, -delete-jobs: 100 addresses; 75/s, 750/min",
    bucket="suppressions",
)
DELETE = forgetting.facts(
    "Klaviyo-API-Key, revision",
    Limit(rate=60, per_seconds=60, concurrency=3, more=(Window(3, 1),)),
    "POST /api/data-privacy-deletion-jobs: one identifier, 3/s, 60/min; done there later",
    bucket="deletions",
)
EVENT = Facts(
    auth="Klaviyo-API-Key, revision",
    batch=1,
    limit=Limit(rate=3500, per_seconds=60, concurrency=20, more=(Window(350, 1),)),
    retry_class="N",
    source="POST /api/events: 350/s, 3,500/min; unique_id makes a repeated event one",
    bucket="events",
)


class KlaviyoSettings(Settings):
    """A private key and the revision of the API that requests keep to.

    Messages become events of the metric, which triggers a flow; without it none are taken.
    """

    type: Literal["klaviyo"]
    url: ServiceUrl = HttpUrl("https://a.klaviyo.com")
    api_key: SecretStr
    revision: str = "2026-07-15"
    profiles_per_request: int = Field(default=1000, ge=1, le=10_000)
    metric: str | None = Field(default=None, min_length=1, max_length=127)


def build_profiles(batch: Sequence[Change], settings: KlaviyoSettings, at: datetime) -> HttpRequest:
    """A job that imports some profiles. Raises Unsendable when none can be sent."""
    del at
    profiles = [_profile(one) for one in carried(_profiles_now(batch))]
    return _post_job("profile-bulk-import-job", profiles, settings)


def build_suppressions(
    batch: Sequence[Change], settings: KlaviyoSettings, at: datetime
) -> HttpRequest:
    """A job that suppresses addresses or, when nothing else is asked, lifts their suppression."""
    del at
    sent = carried(_suppressions_now(batch))
    verb = "create" if sent[0].op == "upsert" else "delete"
    profiles = [{"type": "profile", "attributes": {"email": one.fields["email"]}} for one in sent]
    return _post_job(f"profile-suppression-bulk-{verb}-job", profiles, settings)


def build_poll(job: str, settings: KlaviyoSettings) -> HttpRequest:
    """Ask for a job, or for its errors."""
    url = address(settings.url, f"/api/{job}")
    return json_request("GET", url, _headers(settings), None, settings)


def build_message(
    batch: Sequence[Outgoing], settings: KlaviyoSettings, at: datetime
) -> HttpRequest:
    """The event of one message, the same at every try. Raises Unsendable without an address."""
    del at
    (item,) = batch
    message = item.message
    if not message.address:
        raise Unsendable("no_address")
    identifier = "email" if "@" in message.address else "phone_number"
    profile = {"type": "profile", "attributes": {identifier: message.address}}
    metric = {"type": "metric", "attributes": {"name": settings.metric}}
    names = {"message_id": item.item_id, "journey": message.journey, "action": message.action}
    attributes = {
        "unique_id": item.item_id,
        "time": iso(message.handed_at),
        "properties": {**item.parts, **names, "brand": message.brand},
        "metric": {"data": metric},
        "profile": {"data": profile},
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    return _post("/api/events", body, settings)


def message_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Outgoing]
) -> list[ItemVerdict]:
    """202 is accepted; a refusal carries the code of its first error."""
    whole = of_whole(response, batch)
    if whole is None or isinstance(response, Failure):
        return whole or same_for_all(batch, "accepted", "http 202")
    errors = objects(parsed_object(response).get("errors"))
    if whole[0].outcome != "rejected" or not errors:
        return whole
    return same_for_all(batch, "rejected", f"klaviyo {code_in(errors[0].get('code'), 'error')}")


def build_erasure(
    batch: Sequence[Outgoing], settings: KlaviyoSettings, at: datetime
) -> HttpRequest:
    """Ask for the deletion of a profile and all that is stored with it."""
    del at
    (item,) = batch
    kind, value = forgetting.told(item)
    name = {"email": "email", "phone": "phone_number"}.get(kind)
    profile: dict[str, Any] = {"type": "profile"}
    profile |= {"attributes": {name: value}} if name else {"id": value}
    attributes = {"profile": {"data": profile}}
    body = {"data": {"type": "data-privacy-deletion-job", "attributes": attributes}}
    return _post("/api/data-privacy-deletion-jobs", body, settings)


def _post_job(kind: str, profiles: list[dict[str, Any]], settings: KlaviyoSettings) -> HttpRequest:
    body = {"data": {"type": kind, "attributes": {"profiles": {"data": profiles}}}}
    return _post(f"/api/{kind}s", body, settings)


def _post(path: str, body: Any, settings: KlaviyoSettings) -> HttpRequest:
    headers = {**_headers(settings), "content-type": "application/vnd.api+json"}
    return json_request("POST", address(settings.url, path), headers, body, settings)


def _headers(settings: KlaviyoSettings) -> dict[str, str]:
    return {
        "authorization": f"Klaviyo-API-Key {settings.api_key.get_secret_value()}",
        "revision": settings.revision,
        "accept": "application/vnd.api+json",
    }


def _profile(change: Change) -> dict[str, Any]:
    fields = change.fields
    attributes = {name: value for name, value in fields.items() if name in _ATTRIBUTES}
    places = {name for name in fields if name.startswith(_LOCATION)}
    if places:
        attributes["location"] = {name.removeprefix(_LOCATION): fields[name] for name in places}
    own = {name: value for name, value in fields.items() if name not in _ATTRIBUTES | places}
    properties = {name: value for name, value in own.items() if value is not None}
    cleared = sorted(set(own) - set(properties))
    profile: dict[str, Any] = {"type": "profile", "attributes": attributes}
    if properties:
        attributes["properties"] = properties
    if cleared:
        profile["meta"] = {"patch_properties": {"unset": cleared}}
    if change.external_id:
        profile["id"] = change.external_id
    return profile


def _profile_fault(change: Change) -> str | None:
    if change.op == "remove":
        return "klaviyo deletes_no_profiles"
    if reserved := sorted(name for name in change.fields if name[:1] == "$" or name == _CONSENT):
        return f"consent_field {reserved[0]}"
    if not change.external_id and not any(change.fields.get(name) for name in _IDENTIFIERS):
        return "no_identifier"
    return None


def _suppression_fault(change: Change) -> str | None:
    return None if change.fields.get("email") else "no_email"


def _profiles_now(batch: Sequence[Change]) -> Carried:
    """As many as fit into a request."""
    good, refused = split(batch, _profile_fault)
    sizes = {one.item_id: len(encoded(_profile(one))) for one in good}
    fitting, too_large = split(
        good, lambda one: "too_large" if sizes[one.item_id] > _MOST_BYTES_EACH else None
    )
    totals = accumulate(sizes[one.item_id] + 1 for one in fitting)
    count = sum(1 for total in totals if total <= _MOST_BYTES - _ENVELOPE_BYTES)
    return fitting[:count], [*wait(fitting[count:]), *too_large, *refused]


def _suppressions_now(batch: Sequence[Change]) -> Carried:
    """One operation a request; suppressing comes first."""
    good, refused = split(batch, _suppression_fault)
    op = "upsert" if any(one.op == "upsert" for one in good) else "remove"
    later = [one for one in good if one.op != op]
    now = [one for one in good if one.op == op]
    return now, [*wait(later), *refused]


def _call(facts: Facts, build: Callable[..., HttpRequest], now: Now) -> Call:
    job = Job(job_id, build_poll, partial(polled_verdicts, now=now))
    return Call(facts, build, partial(job_verdicts, now=now), job=job)


def _calls(settings: KlaviyoSettings) -> Calls:
    profiles = replace(IMPORT, batch=settings.profiles_per_request)
    calls: dict[Any, Call] = {
        "profiles": _call(profiles, build_profiles, _profiles_now),
        "suppressions": _call(SUPPRESS, build_suppressions, _suppressions_now),
        "erasures": Call(DELETE, build_erasure, forgetting.verdicts),
    }
    if settings.metric:
        calls["messages"] = Call(EVENT, build_message, message_verdicts)
    return calls


KIND = Kind(KlaviyoSettings, _calls, erases_by=("tool_id", "email", "phone"))
