"""HubSpot: contacts, list memberships and subscription states are set in batches (all U)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field, HttpUrl, SecretStr

from activation.destinations import forgetting
from activation.destinations.batches import Carried, carried, distinct
from activation.destinations.hubspot_answers import batch_verdicts, listed_verdicts
from activation.destinations.json_api import (
    ServiceUrl,
    address,
    iso,
    json_request,
    split,
)
from activation.destinations.kind import Call, Calls, Kind
from activation.destinations.settings import Settings
from activation.exchange import Change, Facts, HttpRequest, Limit, Outgoing

_LIMIT = Limit(rate=100, per_seconds=10, concurrency=5, daily=250_000)
_PLANS = "100 to 190 requests / 10 s by plan, 110 for OAuth apps, 250,000 or more a day"
CONTACTS = Facts("Bearer", 100, _LIMIT, "U", f"contacts/batch/upsert: 100 inputs; {_PLANS}")
LISTS = Facts("Bearer", 100, _LIMIT, "U", f"lists memberships/add-and-remove: {_PLANS}")
STATES = Facts("Bearer", 100, _LIMIT, "U", f"statuses/batch/write: {_PLANS}")
DELETE = forgetting.facts("Bearer", _LIMIT, f"contacts/gdpr-delete: one contact; {_PLANS}")
_RECORD_ID = "hs_object_id"
_CONSENT_PREFIX = "hs_email_optout"


class HubspotSettings(Settings):
    """A private app's token.

    Contacts are found by `id_property`: e-mail, or better a property of your own with unique
    values, as only with such one does HubSpot take a part of a batch. `audience` is the id of a
    list (manual or snapshot), `subscription_id` the subscription type that suppressions leave.
    `legal_basis` and its explanation go with newer consent.
    """

    type: Literal["hubspot"]
    url: ServiceUrl = HttpUrl("https://api.hubapi.com")
    token: SecretStr
    id_property: str = "email"
    audience: str | None = None
    subscription_id: int | None = None
    legal_basis: str = "CONSENT_WITH_NOTICE"
    legal_basis_explanation: str = Field(default="Consent on record", min_length=1)


def build_profiles(batch: Sequence[Change], settings: HubspotSettings, at: datetime) -> HttpRequest:
    """Contacts, each traced by its place. Raises Unsendable when none can be sent."""
    del at
    name = settings.id_property
    inputs = [
        {
            "id": str(change.fields[name]),
            "idProperty": name,
            "objectWriteTraceId": _place(place, change),
            "properties": _properties(change, name),
        }
        for place, change in enumerate(carried(_profiles_now(batch, name=name)))
    ]
    return _request("POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": inputs}, settings)


def build_audience(batch: Sequence[Change], settings: HubspotSettings, at: datetime) -> HttpRequest:
    """Records that join the list, and records that leave it."""
    del at
    sent = carried(_members_now(batch))
    body = {
        "recordIdsToAdd": [record_id(one) for one in sent if one.op == "upsert"],
        "recordIdsToRemove": [record_id(one) for one in sent if one.op == "remove"],
    }
    list_id = quote(str(settings.audience), safe="")
    return _request("PUT", f"/crm/v3/lists/{list_id}/memberships/add-and-remove", body, settings)


def build_suppressions(
    batch: Sequence[Change], settings: HubspotSettings, at: datetime
) -> HttpRequest:
    """E-mail states: unsubscribed (upsert), or subscribed by newer consent (remove)."""
    del at
    inputs = [_state(change, settings) for change in carried(_subscribers_now(batch))]
    path = "/communication-preferences/v4/statuses/batch/write"
    return _request("POST", path, {"inputs": inputs}, settings)


def build_erasure(
    batch: Sequence[Outgoing], settings: HubspotSettings, at: datetime
) -> HttpRequest:
    """Delete a contact for good; an address that is unknown is put on HubSpot's block list."""
    del at
    (item,) = batch
    kind, value = forgetting.told(item)
    found_by = {"idProperty": "email"} if kind == "email" else {}
    path = "/crm/v3/objects/contacts/gdpr-delete"
    return _request("POST", path, {"objectId": value, **found_by}, settings)


def record_id(change: Change) -> str | None:
    """HubSpot's own id of a contact, if known."""
    given = change.external_id or change.fields.get(_RECORD_ID)
    return None if given is None else str(given)


def _request(method: str, path: str, body: Any, settings: HubspotSettings) -> HttpRequest:
    headers = {"authorization": f"Bearer {settings.token.get_secret_value()}"}
    return json_request(method, address(settings.url, path), headers, body, settings)


def _properties(change: Change, id_property: str) -> dict[str, str]:
    """Values as HubSpot writes them in text: a null is empty, several are joined by semicolons."""
    kept = {key: value for key, value in change.fields.items() if key != id_property}
    return {key: _text(value) for key, value in kept.items() if key != _RECORD_ID}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return iso(value)
        case list() | tuple():
            return ";".join(map(_text, value))
        case _:
            return str(value)


def _state(change: Change, settings: HubspotSettings) -> dict[str, Any]:
    state = {
        "channel": "EMAIL",
        "subscriberIdString": str(change.fields["email"]),
        "subscriptionId": settings.subscription_id,
    }
    if change.op == "upsert":
        return {**state, "statusState": "UNSUBSCRIBED"}
    basis = {
        "legalBasis": settings.legal_basis,
        "legalBasisExplanation": settings.legal_basis_explanation,
    }
    return {**state, "statusState": "SUBSCRIBED", **basis}


def _profile_fault(change: Change, *, name: str) -> str | None:
    if change.op == "remove":
        return "hubspot deletes_no_contacts"
    if consent := sorted(key for key in change.fields if key.startswith(_CONSENT_PREFIX)):
        return f"consent_field {consent[0]}"
    return None if change.fields.get(name) else "no_identifier"


def _member_fault(change: Change) -> str | None:
    return None if record_id(change) else "no_record_id"


def _subscriber_fault(change: Change) -> str | None:
    return None if change.fields.get("email") else "no_email"


def _profiles_now(batch: Sequence[Change], *, name: str) -> Carried:
    good, refused = split(batch, partial(_profile_fault, name=name))
    now, again = distinct(good, name)
    return now, [*again, *refused]


def _subscribers_now(batch: Sequence[Change]) -> Carried:
    good, refused = split(batch, _subscriber_fault)
    now, again = distinct(good, "email")
    return now, [*again, *refused]


def _members_now(batch: Sequence[Change]) -> Carried:
    return split(batch, _member_fault)


def _place(place: int, change: Change) -> str:
    del change
    return str(place)


def _subscriber(place: int, change: Change) -> str:
    del place
    return str(change.fields["email"])


def _calls(settings: HubspotSettings) -> Calls:
    now = partial(_profiles_now, name=settings.id_property)
    verdicts = partial(batch_verdicts, now=now, trace="objectWriteTraceId", trace_of=_place)
    calls: dict[Any, Call] = {"profiles": Call(CONTACTS, build_profiles, verdicts)}
    calls["erasures"] = Call(DELETE, build_erasure, forgetting.verdicts)
    if settings.audience:
        verdicts = partial(listed_verdicts, now=_members_now, record_id=record_id)
        calls["audiences"] = Call(LISTS, build_audience, verdicts)
    if settings.subscription_id is not None:
        traced = {"trace": "subscriberIdString", "trace_of": _subscriber}
        verdicts = partial(batch_verdicts, now=_subscribers_now, **traced)
        calls["suppressions"] = Call(STATES, build_suppressions, verdicts)
    return calls


KIND = Kind(HubspotSettings, _calls, erases_by=("tool_id", "email"))
