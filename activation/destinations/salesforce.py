"""Salesforce: records, opt-out fields and tasks are upserted by external ids in collections (U).

Tasks without such a field are created (X).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from activation.destinations.batches import Carried, carried, distinct
from activation.destinations.json_api import (
    ServiceUrl,
    address,
    json_request,
    split,
)
from activation.destinations.kind import Call, Calls, Kind
from activation.destinations.people import user_id
from activation.destinations.salesforce_answers import record_verdicts
from activation.destinations.settings import Settings
from activation.exchange import (
    Change,
    Facts,
    Failure,
    Grant,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Outgoing,
    Unsendable,
)

_MOST = 200
_LIMIT = Limit(rate=25, per_seconds=1, concurrency=10, daily=100_000)
_SOURCE = (
    "composite/sobjects: 200 records; requests a day by edition, from 100,000; the rate is ours"
)
_OAUTH = "OAuth 2.0 client credentials"
RECORDS = Facts(_OAUTH, _MOST, _LIMIT, "U", _SOURCE)
TASK_BY_ID = Facts(_OAUTH, 1, _LIMIT, "U", _SOURCE)
TASK = Facts(_OAUTH, 1, _LIMIT, "X", _SOURCE)
_CONSENT = frozenset({"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"})
_LONGEST_SUBJECT = 255

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class SalesforceSettings(Settings):
    """An org's My Domain and a connected app that may use client credentials.

    Records of `object` are found by `external_id`, a field of yours. `opt_outs` names the field
    that a channel's opt-out sets. Messages become tasks when `tasks` is on: by the external id
    field `task_id` if there is one, for the record whose Salesforce id is in the variable
    `user_id`, owned by `owner_id`.
    """

    type: Literal["salesforce"]
    url: ServiceUrl
    client_id: str
    client_secret: SecretStr
    version: Annotated[str, Field(pattern=r"^v\d+\.0$")] = "v62.0"
    object: Name = "Contact"
    external_id: Name
    opt_outs: dict[str, Name] = Field(
        default_factory=lambda: {"email": "HasOptedOutOfEmail", "phone": "DoNotCall"}
    )
    tasks: bool = False
    task_id: Name | None = None
    user_id: str | None = None
    owner_id: str | None = None

    def grant(self) -> Grant:
        """For what, and where, its token is fetched."""
        url = address(self.url, "/services/oauth2/token")
        return Grant(url, self.client_id, self.client_secret.get_secret_value())


def build_profiles(
    batch: Sequence[Change], settings: SalesforceSettings, at: datetime
) -> HttpRequest:
    """Records by external id; a null clears. Raises Unsendable when none can be sent."""
    del at
    now = _now(batch, fault=_profile_fault(settings), field=settings.external_id)
    return _upsert([dict(change.fields) for change in carried(now)], settings)


def build_suppressions(
    batch: Sequence[Change], settings: SalesforceSettings, at: datetime
) -> HttpRequest:
    """Opt-out fields: set (upsert), or taken back by newer consent (remove)."""
    del at
    now = _now(batch, fault=_suppression_fault(settings), field=settings.external_id)
    records = [
        {
            settings.external_id: change.fields[settings.external_id],
            settings.opt_outs[_channel(change)]: change.op == "upsert",
        }
        for change in carried(now)
    ]
    return _upsert(records, settings)


def build_task(
    batch: Sequence[Outgoing], settings: SalesforceSettings, at: datetime
) -> HttpRequest:
    """The task of one message. Raises Unsendable without a title, or without the record's id."""
    del at
    (item,) = batch
    title = item.parts.get("title") or item.parts.get("subject")
    if not title:
        raise Unsendable("template_has_no title")
    task: dict[str, Any] = {
        "attributes": {"type": "Task"},
        "Subject": title[:_LONGEST_SUBJECT],
        "Description": item.parts.get("text", title),
    }
    if settings.user_id:
        task["WhoId"] = user_id(item, settings.user_id)
    if settings.owner_id:
        task["OwnerId"] = settings.owner_id
    if settings.task_id is None:
        return _request("POST", "", [task], settings)
    task[settings.task_id] = item.item_id
    return _request("PATCH", f"/Task/{settings.task_id}", [task], settings)


def task_verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """As of a batch of one."""
    return record_verdicts(response, batch)


def change_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change], *, fault: Any, field: str
) -> list[ItemVerdict]:
    """The answer has a result for each record, in their order."""
    sent, others = _now(batch, fault=fault, field=field)
    return [*record_verdicts(response, sent), *others]


def _upsert(records: Sequence[Mapping[str, object]], settings: SalesforceSettings) -> HttpRequest:
    typed = [{"attributes": {"type": settings.object}, **record} for record in records]
    return _request("PATCH", f"/{settings.object}/{settings.external_id}", typed, settings)


def _request(
    method: str, path: str, records: list[dict[str, Any]], settings: SalesforceSettings
) -> HttpRequest:
    url = address(settings.url, f"/services/data/{settings.version}/composite/sobjects{path}")
    body = {"allOrNone": False, "records": records}
    return replace(json_request(method, url, {}, body, settings), grant=settings.grant())


def _profile_fault(settings: SalesforceSettings) -> Any:
    return partial(_fault_of_profile, field=settings.external_id, consent=_consent(settings))


def _fault_of_profile(change: Change, *, field: str, consent: Collection[str]) -> str | None:
    if change.op == "remove":
        return "salesforce deletes_no_records"
    if told := sorted(set(consent) & set(change.fields)):
        return f"consent_field {told[0]}"
    return None if change.fields.get(field) else "no_identifier"


def _suppression_fault(settings: SalesforceSettings) -> Any:
    channels = frozenset(settings.opt_outs)
    return partial(_fault_of_suppression, field=settings.external_id, channels=channels)


def _fault_of_suppression(change: Change, *, field: str, channels: Collection[str]) -> str | None:
    if _channel(change) not in channels:
        return "no_opt_out_field_for_the_channel"
    return None if change.fields.get(field) else "no_identifier"


def _consent(settings: SalesforceSettings) -> frozenset[str]:
    return _CONSENT | frozenset(settings.opt_outs.values())


def _channel(change: Change) -> str:
    return str(change.fields.get("channel", "email"))


def _now(batch: Sequence[Change], *, fault: Any, field: str) -> Carried:
    good, refused = split(batch, fault)
    now, again = distinct(good, field)
    return now, [*again, *refused]


def _calls(settings: SalesforceSettings) -> Calls:
    verdicts = partial(change_verdicts, field=settings.external_id)
    profiles = partial(verdicts, fault=_profile_fault(settings))
    suppressions = partial(verdicts, fault=_suppression_fault(settings))
    calls: dict[Any, Call] = {
        "profiles": Call(RECORDS, build_profiles, profiles),
        "suppressions": Call(RECORDS, build_suppressions, suppressions),
    }
    if settings.tasks:
        facts = TASK_BY_ID if settings.task_id else TASK
        calls["messages"] = Call(facts, build_task, task_verdicts)
    return calls


KIND = Kind(SalesforceSettings, _calls)
