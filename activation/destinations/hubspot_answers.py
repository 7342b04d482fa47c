"""Answers of HubSpot's batches: results and errors, each traced to the item it speaks of."""

from collections.abc import Callable, Sequence
from typing import Any

from activation.destinations.batches import Carried
from activation.destinations.json_api import code_in, objects, of_whole, parsed_object
from activation.exchange import Change, Failure, HttpAnswer, ItemVerdict

_THROTTLED = 429
_DAY_IS_USED_UP = 3600.0

Now = Callable[[Sequence[Change]], Carried]


def batch_verdicts(
    response: HttpAnswer | Failure,
    batch: Sequence[Change],
    *,
    now: Now,
    trace: str,
    trace_of: Callable[[int, Change], str],
) -> list[ItemVerdict]:
    """Items in `results` are accepted, items in `errors` rejected with the error's category.

    `trace` names what both are traced by, `trace_of` gives it for the place of an item. What a 207
    says nothing of is sent again: HubSpot is known to leave items out.
    """
    sent, others = now(batch)
    whole = _of_whole(response, sent)
    if whole is not None or isinstance(response, Failure):
        return [*(whole or []), *others]
    content = parsed_object(response)
    results, errors = objects(content.get("results")), objects(content.get("errors"))
    taken = {str(one.get(trace)).lower(): one for one in results}
    wrong = {name: one for one in errors for name in _traces(one, trace)}
    is_complete = not errors and not content.get("numErrors") and len(results) == len(sent)
    verdicts = [
        _verdict(change, trace_of(place, change).lower(), taken, wrong, is_complete)
        for place, change in enumerate(sent)
    ]
    return [*verdicts, *others]


def listed_verdicts(
    response: HttpAnswer | Failure,
    batch: Sequence[Change],
    *,
    now: Now,
    record_id: Callable[[Change], str | None],
) -> list[ItemVerdict]:
    """Records that are missing cannot join, and have left; all others are where they should be."""
    sent, others = now(batch)
    whole = _of_whole(response, sent)
    if whole is not None or isinstance(response, Failure):
        return [*(whole or []), *others]
    missing = parsed_object(response).get("recordIdsMissing")
    gone = set(map(str, missing)) if isinstance(missing, list) else set()
    verdicts = [
        ItemVerdict(one.item_id, "rejected", "hubspot record_missing")
        if one.op == "upsert" and record_id(one) in gone
        else ItemVerdict(one.item_id, "accepted", "http 200")
        for one in sent
    ]
    return [*verdicts, *others]


def _of_whole(response: HttpAnswer | Failure, sent: Sequence[Change]) -> list[ItemVerdict] | None:
    """As anywhere, but an hour's wait once the day's requests are used up."""
    if isinstance(response, HttpAnswer) and response.status == _THROTTLED:
        is_daily = parsed_object(response).get("policyName") == "DAILY"
        return of_whole(response, sent, wait=_DAY_IS_USED_UP if is_daily else None)
    return of_whole(response, sent)


def _verdict(
    change: Change,
    trace: str,
    taken: dict[str, dict[str, Any]],
    wrong: dict[str, dict[str, Any]],
    is_complete: bool,
) -> ItemVerdict:
    if trace in wrong:
        category = code_in(wrong[trace].get("category"), "error")
        return ItemVerdict(change.item_id, "rejected", f"hubspot {category}")
    if trace in taken or is_complete:
        record = taken.get(trace, {}).get("id")
        known = str(record) if record is not None else None
        return ItemVerdict(change.item_id, "accepted", "hubspot taken", provider_id=known)
    return ItemVerdict(change.item_id, "not_sent", "hubspot not_answered")


def _traces(error: dict[str, Any], trace: str) -> list[str]:
    context = error.get("context")
    found = context.get(trace) if isinstance(context, dict) else None
    names = found if isinstance(found, list) else [found]
    return [str(name).lower() for name in names if name is not None]
