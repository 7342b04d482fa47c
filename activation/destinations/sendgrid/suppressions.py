"""SendGrid suppressions: opt-outs reach the unsubscribe group, or hold globally (U)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from activation.destinations.json_api import objects, of_whole, parsed, sendable, split
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
    limit=Limit(rate=10, per_seconds=1, concurrency=4),
    retry_class="U",
    source=f"POST /v3/asm/…/suppressions, DELETE one by one; {SOURCE}",
    bucket="suppressions",
)
_NOT_FOUND, _GONE = 404, 410


def build(
    batch: Sequence[Change], settings: SendGridSettings, at: datetime
) -> HttpRequest | Staged:
    """Addresses that opt out (upsert) in one request, then each that is back (remove).

    An address comes back only by a statement newer than its opt-out: the sync's rows say so. The
    group is looked for first: SendGrid writes opt-outs to a deleted group as global ones.
    """
    del at
    changes = sendable(batch, _fault)
    steps = _steps(changes, settings)
    if settings.unsubscribe_group is None:
        return _chained(steps[0], steps[1:])
    group = settings.unsubscribe_group
    first = request_to("GET", f"/v3/asm/groups?id={group}", None, settings)
    return Staged(first, lambda answer: _if_there(answer, group, steps))


def verdicts(response: HttpAnswer | Failure, batch: Sequence[Change]) -> list[ItemVerdict]:
    """All or nothing; without its group the destination asks to be switched off."""
    sent, refused = split(batch, _fault)
    if isinstance(response, HttpAnswer) and response.status == _GONE:
        gone = same_for_all(sent, "throttled", "sendgrid group_is_gone", disable=True)
        return [*gone, *refused]
    removes = any(change.op == "remove" for change in sent)
    is_done = isinstance(response, HttpAnswer) and _is_done(response, is_removal=removes)
    whole = None if is_done else told_of_all(response, sent)
    return [*(whole or same_for_all(sent, "accepted", reason_of(response))), *refused]


def _steps(changes: Sequence[Change], settings: SendGridSettings) -> list[HttpRequest]:
    group = settings.unsubscribe_group
    adding = "/v3/asm/suppressions/global"
    removing = adding
    if group is not None:
        adding = removing = f"/v3/asm/groups/{group}/suppressions"
    added = [str(one.fields["email"]) for one in changes if one.op == "upsert"]
    removed = [quote(str(one.fields["email"]), "") for one in changes if one.op == "remove"]
    steps = [request_to("DELETE", f"{removing}/{email}", None, settings) for email in removed]
    if added:
        steps.insert(0, request_to("POST", adding, {"recipient_emails": added}, settings))
    return steps


def _chained(first: HttpRequest, others: Sequence[HttpRequest]) -> HttpRequest | Staged:
    if not others:
        return first
    is_removal = first.method == "DELETE"
    return Staged(
        first,
        lambda answer: (
            _chained(others[0], others[1:]) if _is_done(answer, is_removal=is_removal) else answer
        ),
    )


def _is_done(answer: HttpAnswer, *, is_removal: bool) -> bool:
    """An address that is not there needs no removal."""
    return of_whole(answer, []) is None or (is_removal and answer.status == _NOT_FOUND)


def _if_there(
    answer: HttpAnswer, group: int, steps: Sequence[HttpRequest]
) -> HttpRequest | Staged | HttpAnswer:
    """The first step, or 410: no answer of these calls has that status."""
    if answer.status != _NOT_FOUND and of_whole(answer, []) is not None:
        return answer
    is_there = any(one.get("id") == group for one in objects(parsed(answer)))
    return _chained(steps[0], steps[1:]) if is_there else HttpAnswer(_GONE)


def _fault(change: Change) -> str | None:
    return None if is_address(change.fields.get("email")) else "address_not_usable"


CALL = Call(FACTS, build, verdicts)
