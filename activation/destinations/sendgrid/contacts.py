"""SendGrid marketing contacts: an upsert by e-mail, as an import that is polled (U)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from activation.destinations.json_api import of_whole, parsed_object, sendable, split
from activation.destinations.mailing import is_address
from activation.destinations.sendgrid.settings import (
    SOURCE,
    SendGridSettings,
    reason_of,
    request_to,
    told_of_all,
)
from activation.exchange import (
    Call,
    Change,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Job,
    Limit,
    same_for_all,
)

FACTS = Facts(
    auth="Bearer",
    batch=10_000,
    limit=Limit(rate=1, per_seconds=1, concurrency=1),
    retry_class="U",
    source=f"PUT /v3/marketing/contacts: 30,000 contacts or 6 MB, here at 600 bytes; {SOURCE}",
    bucket="contacts",
)
_RESERVED = frozenset(
    [
        "address_line_1",
        "address_line_2",
        "alternate_emails",
        "city",
        "country",
        "email",
        "first_name",
        "last_name",
        "postal_code",
        "state_province_region",
    ]
)


def build(batch: Sequence[Change], settings: SendGridSettings, at: datetime) -> HttpRequest:
    """Contacts by e-mail; fields that SendGrid does not reserve are custom fields by their id.

    A null becomes an empty text. Raises Unsendable when none can be sent.
    """
    del at
    contacts = [_contact(change) for change in sendable(batch, _fault)]
    body: dict[str, Any] = {"contacts": contacts}
    if settings.contact_lists:
        body["list_ids"] = list(settings.contact_lists)
    return request_to("PUT", "/v3/marketing/contacts", body, settings)


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Change]) -> list[ItemVerdict]:
    """What the import took: what becomes of it is asked for later."""
    sent, refused = split(batch, _fault)
    whole = told_of_all(response, sent)
    return [*(whole or same_for_all(sent, "accepted", reason_of(response))), *refused]


def _job_id(answer: HttpAnswer) -> str | None:
    job_id = parsed_object(answer).get("job_id")
    return job_id if isinstance(job_id, str) else None


def _ask_job(job_id: str, settings: SendGridSettings) -> HttpRequest:
    return request_to("GET", f"/v3/marketing/contacts/imports/{quote(job_id, '')}", None, settings)


def job_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change]
) -> list[ItemVerdict] | None:
    """Null while it runs. An import with errors says how many, not which: all are rejected."""
    if isinstance(response, Failure) or of_whole(response, batch) is not None:
        return None
    sent, refused = split(batch, _fault)
    match parsed_object(response).get("status"):
        case "completed":
            return [*same_for_all(sent, "accepted", "sendgrid completed"), *refused]
        case "errored" | "failed" as status:
            return [*same_for_all(sent, "rejected", f"sendgrid {status}"), *refused]
        case _:
            return None


def _contact(change: Change) -> dict[str, object]:
    fields = {name: "" if value is None else value for name, value in change.fields.items()}
    own = {name: value for name, value in fields.items() if name in _RESERVED}
    custom = {name: value for name, value in fields.items() if name not in _RESERVED}
    return own | ({"custom_fields": custom} if custom else {})


def _fault(change: Change) -> str | None:
    if change.op == "remove":
        return "sendgrid deletes_no_contacts"
    return None if is_address(change.fields.get("email")) else "address_not_usable"


CALL = Call(FACTS, build, verdicts, Job(_job_id, _ask_job, job_verdicts))
