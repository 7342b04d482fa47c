"""SendGrid suppressions: opt-outs reach the unsubscribe group, or hold globally (U)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from activation.destinations.batches import Carried, carried, wait
from activation.destinations.json_api import objects, of_whole, parsed, split
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
    Limit,
    Staged,
    same_for_all,
)

FACTS = Facts(
    auth="Bearer",
    batch=100,
    limit=Limit(rate=5, per_seconds=1, concurrency=4),
    retry_class="U",
    source=f"POST /v3/asm/…/suppressions, DELETE one by one; a look-up each; {SOURCE}",
    bucket="suppressions",
)
_NOT_FOUND, _GONE = 404, 410


def build(
    batch: Sequence[Change], settings: SendGridSettings, at: datetime
) -> HttpRequest | Staged:
    """Addresses that opt out (upsert) in one request, or one that is back (remove).

    An address comes back only by a statement newer than its opt-out: the sync's rows say so. The
    group is looked for first: SendGrid writes opt-outs to a deleted group as global ones. Raises
    Unsendable for several removals: each takes a request, and a permit, of its own.
    """
    del at
    request = _request(carried(_now(batch)), settings)
    if settings.unsubscribe_group is None:
        return request
    group = settings.unsubscribe_group
    first = request_to("GET", f"/v3/asm/groups?id={group}", None, settings)
    return Staged(first, lambda answer: _if_there(answer, group, request))


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Change]) -> list[ItemVerdict]:
    """All or nothing; without its group the destination asks to be switched off."""
    sent, others = _now(batch)
    if isinstance(response, HttpAnswer) and response.status == _GONE:
        gone = same_for_all(sent, "throttled", "sendgrid group_is_gone", disable=True)
        return [*gone, *others]
    removes = any(change.op == "remove" for change in sent)
    is_done = isinstance(response, HttpAnswer) and _is_done(response, is_removal=removes)
    whole = None if is_done else told_of_all(response, sent)
    return [*(whole or same_for_all(sent, "accepted", reason_of(response))), *others]


def _now(batch: Sequence[Change]) -> Carried:
    """All that opt out; only where nobody does, one that is back."""
    good, refused = split(batch, _fault)
    added = [one for one in good if one.op == "upsert"]
    removed = [one for one in good if one.op == "remove"]
    if added or len(removed) == 1:
        return added or removed, [*wait(removed if added else []), *refused]
    return [], [*wait(removed), *refused]


def _request(changes: Sequence[Change], settings: SendGridSettings) -> HttpRequest:
    group = settings.unsubscribe_group
    path = (
        "/v3/asm/suppressions/global" if group is None else f"/v3/asm/groups/{group}/suppressions"
    )
    emails = [str(one.fields["email"]) for one in changes]
    if changes[0].op == "remove":
        return request_to("DELETE", f"{path}/{quote(emails[0], '')}", None, settings)
    return request_to("POST", path, {"recipient_emails": emails}, settings)


def _is_done(answer: HttpAnswer, *, is_removal: bool) -> bool:
    """An address that is not there needs no removal."""
    return of_whole(answer, []) is None or (is_removal and answer.status == _NOT_FOUND)


def _if_there(answer: HttpAnswer, group: int, request: HttpRequest) -> HttpRequest | HttpAnswer:
    """The request, or 410: no answer of these calls has that status."""
    if answer.status != _NOT_FOUND and of_whole(answer, []) is not None:
        return answer
    is_there = any(one.get("id") == group for one in objects(parsed(answer)))
    return request if is_there else HttpAnswer(_GONE)


def _fault(change: Change) -> str | None:
    return None if is_address(change.fields.get("email")) else "address_not_usable"


CALL = Call(FACTS, build, verdicts)
