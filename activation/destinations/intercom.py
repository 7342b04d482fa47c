"""Intercom: contacts are created, or updated once their id is known (U); tickets hand over (X)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from urllib.parse import quote

from pydantic import HttpUrl, SecretStr

from activation.destinations import forgetting
from activation.destinations.json_api import (
    ServiceUrl,
    address,
    code_in,
    json_request,
    objects,
    of_whole,
    parsed_object,
    seconds_until,
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
    Lookup,
    Outgoing,
    Staged,
    Unsendable,
    same_for_all,
)

_ATTRIBUTES = frozenset(
    {"role", "external_id", "email", "phone", "name", "avatar"}
    | {"signed_up_at", "last_seen_at", "owner_id"}
)
_NEVER_NULL = ("external_id", "email", "role")
_CONSENT = "unsubscribed_from_emails"
_CONFLICT = 409
_FOUND = 200
_NOT_FOUND = 404
_KNOWN_ID = re.compile(r"\bid=([0-9A-Za-z]+)")
_LIMIT = Limit(rate=1666, per_seconds=10, concurrency=20)
_SOURCE = "10,000 requests / min for an app, counted in windows of 10 s; one {} a request"

CONTACT = Facts("Bearer, Intercom-Version", 1, _LIMIT, "U", _SOURCE.format("contact"))
DELETE = forgetting.facts(
    "Bearer, Intercom-Version", _LIMIT, _SOURCE.format("contact, found by a search,")
)
TICKET = Facts("Bearer, Intercom-Version", 1, _LIMIT, "X", _SOURCE.format("ticket"))


class IntercomSettings(Settings):
    """An access token of a workspace, and the version of the API that requests keep to.

    Messages become tickets of the type; without it none are taken. `message_attribute` names the
    ticket attribute that holds the message id, `message_attribute_id` is its number: with both, a
    ticket can be looked for. `user_id` is the variable that holds the contact's external id, by
    default the person id is it.
    """

    type: Literal["intercom"]
    url: ServiceUrl = HttpUrl("https://api.intercom.io")
    token: SecretStr
    version: str = "2.14"
    ticket_type: str | None = None
    message_attribute: str | None = None
    message_attribute_id: int | None = None
    user_id: str | None = None


def build_profile(batch: Sequence[Change], settings: IntercomSettings, at: datetime) -> HttpRequest:
    """Create a contact, or update the one whose id is known. Raises Unsendable when it cannot."""
    del at
    (change,) = batch
    if change.op == "remove":
        raise Unsendable("intercom deletes_no_contacts")
    if _CONSENT in change.fields:
        raise Unsendable(f"consent_field {_CONSENT}")
    return _write(change, _contact(change.fields), settings)


def build_suppression(
    batch: Sequence[Change], settings: IntercomSettings, at: datetime
) -> HttpRequest:
    """Unsubscribe a contact from mails (upsert), or take that back by newer consent (remove).

    An unknown one is created unsubscribed. Raises Unsendable without an e-mail or external id.
    """
    del at
    (change,) = batch
    who = {name: change.fields[name] for name in ("external_id", "email") if name in change.fields}
    known = {} if change.external_id else who
    return _write(change, {**known, _CONSENT: change.op == "upsert"}, settings)


def contact_verdicts(response: HttpAnswer | Failure, batch: Sequence[Change]) -> list[ItemVerdict]:
    """Accepted with the contact's id; a conflict tells the id of the one to update instead."""
    (change,) = batch
    whole = of_whole(response, batch)
    if isinstance(response, Failure):
        return whole or []
    content = parsed_object(response)
    if whole is None:
        contact_id = content.get("id")
        if not isinstance(contact_id, str):
            return same_for_all(batch, "ambiguous", "intercom no_contact_id")
        reason = f"http {response.status}"
        return [ItemVerdict(change.item_id, "accepted", reason, provider_id=contact_id)]
    if response.status == _CONFLICT and not change.external_id:
        return [_conflict(change, content)]
    if response.status == _NOT_FOUND and change.external_id:
        return same_for_all(batch, "rejected", "intercom contact_gone")
    return _refined(response, whole)


def build_ticket(
    batch: Sequence[Outgoing], settings: IntercomSettings, at: datetime
) -> HttpRequest:
    """The ticket of one message. Raises Unsendable without a title, or without the contact's id."""
    del at
    (item,) = batch
    title = item.parts.get("title") or item.parts.get("subject")
    if not title:
        raise Unsendable("template_has_no title")
    attributes = {
        "_default_title_": title,
        "_default_description_": item.parts.get("text", title),
    }
    if settings.message_attribute:
        attributes[settings.message_attribute] = item.item_id
    body = {
        "ticket_type_id": settings.ticket_type,
        "contacts": [{"external_id": user_id(item, settings.user_id)}],
        "ticket_attributes": attributes,
    }
    return _request("POST", "/tickets", body, settings)


def ticket_verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """Accepted with the ticket's id; a 2xx without one is ambiguous."""
    (item,) = batch
    whole = of_whole(response, batch)
    if isinstance(response, Failure):
        return whole or []
    if whole is not None:
        return _refined(response, whole)
    ticket_id = parsed_object(response).get("id")
    if not isinstance(ticket_id, str):
        return same_for_all(batch, "ambiguous", "intercom no_ticket_id")
    reason = f"http {response.status}"
    return [ItemVerdict(item.item_id, "accepted", reason, provider_id=ticket_id)]


def build_search(item: Outgoing, settings: IntercomSettings, since: datetime) -> HttpRequest:
    """Ask for the ticket that holds the message id; ages are too coarse there to be asked for."""
    del since
    field = f"ticket_attribute.{settings.message_attribute_id}"
    query = {"field": field, "operator": "=", "value": item.item_id}
    return _request("POST", "/tickets/search", {"query": query}, settings)


def found(response: HttpAnswer | Failure, item: Outgoing) -> bool | None:
    """True when there is one. Never false: a new ticket is searchable only minutes later."""
    del item
    if isinstance(response, Failure) or of_whole(response, []) is not None:
        return None
    count = parsed_object(response).get("total_count")
    return True if isinstance(count, int) and count > 0 else None


def build_erasure(
    batch: Sequence[Outgoing], settings: IntercomSettings, at: datetime
) -> HttpRequest | Staged:
    """Delete the contacts that a search finds, or the one whose id is known."""
    del at
    (item,) = batch
    kind, value = forgetting.told(item)
    if kind == "tool_id":
        return _deletion(value, settings)
    query = {"field": kind, "operator": "=", "value": value}
    search = _request("POST", "/contacts/search", {"query": query}, settings)
    return Staged(search, lambda answer: _all_deleted(answer, settings))


def _all_deleted(
    answer: HttpAnswer, settings: IntercomSettings
) -> HttpRequest | Staged | HttpAnswer:
    """One deletion after another; the answer itself where nobody was found."""
    found = [one.get("id") for one in objects(parsed_object(answer).get("data"))]
    ids = [one for one in found if isinstance(one, str)]
    return _next_deletion(ids, settings) if answer.status == _FOUND and ids else answer


def _next_deletion(ids: Sequence[str], settings: IntercomSettings) -> HttpRequest | Staged:
    first, *rest = ids
    if not rest:
        return _deletion(first, settings)

    def then(answer: HttpAnswer) -> HttpRequest | Staged | HttpAnswer:
        is_gone = answer.status in (_FOUND, _NOT_FOUND)
        return _next_deletion(rest, settings) if is_gone else answer

    return Staged(_deletion(first, settings), then)


def _deletion(contact_id: str, settings: IntercomSettings) -> HttpRequest:
    return _request("DELETE", f"/contacts/{quote(contact_id, safe='')}", None, settings)


def _write(change: Change, contact: dict[str, Any], settings: IntercomSettings) -> HttpRequest:
    if change.external_id:
        path = f"/contacts/{quote(change.external_id, safe='')}"
        return _request("PUT", path, contact, settings)
    if not contact.get("email") and not contact.get("external_id"):
        raise Unsendable("no_identifier")
    return _request("POST", "/contacts", {"role": "user", **contact}, settings)


def _request(method: str, path: str, body: Any, settings: IntercomSettings) -> HttpRequest:
    headers = {
        "authorization": f"Bearer {settings.token.get_secret_value()}",
        "intercom-version": settings.version,
        "accept": "application/json",
    }
    return json_request(method, address(settings.url, path), headers, body, settings)


def _contact(fields: Mapping[str, object]) -> dict[str, Any]:
    """Attributes of Intercom by name, all others as custom attributes; times in Unix seconds."""
    if cleared := [name for name in _NEVER_NULL if name in fields and fields[name] is None]:
        raise Unsendable(f"cannot_be_cleared {cleared[0]}")
    values = {name: _in_seconds(value) for name, value in fields.items()}
    contact = {name: value for name, value in values.items() if name in _ATTRIBUTES}
    custom = {name: value for name, value in values.items() if name not in _ATTRIBUTES}
    return {**contact, "custom_attributes": custom} if custom else contact


def _in_seconds(value: object) -> object:
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(at.timestamp())
    if isinstance(value, date):
        return int(datetime.combine(value, time.min, UTC).timestamp())
    return value


def _conflict(change: Change, content: dict[str, Any]) -> ItemVerdict:
    messages = [str(one.get("message")) for one in objects(content.get("errors"))]
    known = next(filter(None, map(_KNOWN_ID.search, messages)), None)
    if any("archived" in message for message in messages):
        return ItemVerdict(change.item_id, "rejected", "intercom contact_archived")
    if known is None:
        return ItemVerdict(change.item_id, "rejected", "intercom conflict")
    reason = "intercom exists_already"
    return ItemVerdict(change.item_id, "not_sent", reason, provider_id=known[1])


def _refined(response: HttpAnswer, whole: list[ItemVerdict]) -> list[ItemVerdict]:
    """The same with the tool's code, and its window for the wait."""
    (one,) = whole
    wait = one.retry_after
    if wait is None:
        wait = seconds_until(response.headers.get("x-ratelimit-reset"))
    errors = objects(parsed_object(response).get("errors"))
    code = code_in(errors[0].get("code"), "") if errors else ""
    reason = f"{one.reason} {code}".strip()
    return [ItemVerdict(one.item_id, one.outcome, reason, wait, one.disable)]


def _calls(settings: IntercomSettings) -> Calls:
    calls: dict[Any, Call] = {
        "profiles": Call(CONTACT, build_profile, contact_verdicts),
        "suppressions": Call(CONTACT, build_suppression, contact_verdicts),
        "erasures": Call(DELETE, build_erasure, forgetting.verdicts),
    }
    if settings.ticket_type:
        is_findable = settings.message_attribute and settings.message_attribute_id is not None
        lookup = Lookup(build_search, found) if is_findable else None
        calls["messages"] = Call(TICKET, build_ticket, ticket_verdicts, lookup=lookup)
    return calls


KIND = Kind(IntercomSettings, _calls, erases_by=("tool_id", "external_id", "email", "phone"))
