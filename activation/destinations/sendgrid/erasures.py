"""SendGrid erasures: marketing contacts are searched by address and deleted (U)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from activation.destinations import forgetting
from activation.destinations.json_api import parsed_object
from activation.destinations.sendgrid.settings import (
    SOURCE,
    SendGridSettings,
    request_to,
    told_of_all,
)
from activation.exchange import (
    Call,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    Outgoing,
    Staged,
)

FACTS = forgetting.facts(
    "Bearer",
    Limit(rate=1, per_seconds=1, concurrency=2),
    f"POST /v3/marketing/contacts/search/emails, then DELETE by id; {SOURCE}",
    bucket="contacts",
)
_OK = 200


def build(batch: Sequence[Outgoing], settings: SendGridSettings, at: datetime) -> Staged:
    """Delete the contact with an address; deleting is a job there that is not asked for again."""
    del at
    (item,) = batch
    _kind, address = forgetting.told(item)
    search = {"emails": [address]}
    first = request_to("POST", "/v3/marketing/contacts/search/emails", search, settings)
    return Staged(first, lambda answer: _deletion(answer, settings))


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Outgoing]) -> list[ItemVerdict]:
    """Accepted when deleted, or when there is no such contact."""
    whole = told_of_all(response, batch)
    wait = whole[0].retry_after if whole else None
    return forgetting.verdicts(response, batch, wait=wait)


def _deletion(answer: HttpAnswer, settings: SendGridSettings) -> HttpRequest | HttpAnswer:
    result = parsed_object(answer).get("result") if answer.status == _OK else None
    found = list(result.values()) if isinstance(result, dict) else []
    contacts = [one.get("contact") for one in found if isinstance(one, dict)]
    ids = [
        one["id"] for one in contacts if isinstance(one, dict) and isinstance(one.get("id"), str)
    ]
    if not ids:
        return answer
    listed = quote(",".join(ids), safe=",")
    return request_to("DELETE", f"/v3/marketing/contacts?ids={listed}", None, settings)


CALL = Call(FACTS, build, verdicts)
