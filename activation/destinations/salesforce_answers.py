"""Answers of Salesforce: a result for each record, or errors that hold for all of them."""

from collections.abc import Sequence
from typing import Any, TypeVar

from activation.destinations.json_api import code_in, objects, of_whole, parsed
from activation.exchange import (
    Change,
    Failure,
    HttpAnswer,
    ItemVerdict,
    Outgoing,
    same_for_all,
)

_PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE"})
_USED_UP = "REQUEST_LIMIT_EXCEEDED"
_USED_UP_SECONDS = 900.0
_Item = TypeVar("_Item", Outgoing, Change)


def record_verdicts(response: HttpAnswer | Failure, sent: Sequence[_Item]) -> list[ItemVerdict]:
    """Accepted with the record's id, or rejected with the first error's code.

    A locked row is sent again. When the day's requests are used up all wait, a quarter of an hour
    each time: the day there has no fixed end. An answer that does not fit is ambiguous.
    """
    whole = of_whole(response, sent)
    if isinstance(response, Failure):
        return whole or []
    if whole is not None:
        return _of_errors(response, sent, whole)
    results = objects(parsed(response))
    if len(results) != len(sent):
        return same_for_all(sent, "ambiguous", "salesforce results_do_not_fit")
    return [_of_result(item, one) for item, one in zip(sent, results, strict=True)]


def _of_errors(
    response: HttpAnswer, sent: Sequence[_Item], whole: list[ItemVerdict]
) -> list[ItemVerdict]:
    errors = objects(parsed(response))
    code = code_in(errors[0].get("errorCode"), "") if errors else ""
    if code == _USED_UP:
        reason = f"salesforce {code}"
        return same_for_all(sent, "throttled", reason, retry_after=_USED_UP_SECONDS)
    if code in _PASSING:
        return same_for_all(sent, "not_sent", f"salesforce {code}")
    if code and whole[0].outcome == "rejected":
        return same_for_all(sent, "rejected", f"salesforce {code}")
    return whole


def _of_result(item: _Item, result: dict[str, Any]) -> ItemVerdict:
    if result.get("success") is True:
        known = result.get("id")
        text = str(known) if known is not None else None
        return ItemVerdict(item.item_id, "accepted", "salesforce taken", provider_id=text)
    errors = objects(result.get("errors"))
    code = code_in(errors[0].get("statusCode"), "error") if errors else "error"
    outcome = "not_sent" if code in _PASSING else "rejected"
    return ItemVerdict(item.item_id, outcome, f"salesforce {code}")
