"""Jobs of Klaviyo: taken whole, polled to their end, their errors pointing at items."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote

from activation.destinations.batches import Carried
from activation.destinations.json_api import code_in, objects, of_whole, parsed_object
from activation.exchange import Change, Failure, HttpAnswer, ItemVerdict, same_for_all

_POINTER = re.compile(r"/profiles/data/(\d+)(?:/|$)")

Now = Callable[[Sequence[Change]], Carried]


def job_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change], *, now: Now
) -> list[ItemVerdict]:
    """A job is accepted whole, or refused: items that an error points at are rejected then.

    The others of a refused job are not sent.
    """
    sent, others = now(batch)
    whole = of_whole(response, sent)
    if whole is None or isinstance(response, Failure):
        return [*(whole or same_for_all(sent, "accepted", "klaviyo queued")), *others]
    wrong = _wrong(objects(parsed_object(response).get("errors")), len(sent))
    if whole[0].outcome != "rejected" or not wrong:
        return [*whole, *others]
    return [*_by_item(sent, wrong, "not_sent", f"http {response.status}"), *others]


def polled_verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Change], *, now: Now
) -> list[ItemVerdict] | None:
    """What became of a job, null while it runs or its errors are still to be asked for.

    Of the errors one page is read, 100: when there are more, the items it does not name are sent
    again. A job that is cancelled or gone is ambiguous.
    """
    sent, others = now(batch)
    whole = of_whole(response, sent)
    if whole is None and isinstance(response, HttpAnswer):
        verdicts = _of_job(parsed_object(response), sent)
    else:
        verdicts = _without_job(whole or [])
    return None if verdicts is None else [*verdicts, *others]


def job_id(answer: HttpAnswer) -> str | None:
    """The path of what to ask for next: the job, or its errors once it has ended with some."""
    content = parsed_object(answer)
    data = content.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    path = f"{data.get('type')}s/{quote(data['id'], safe='')}"
    attributes = _attributes(content)
    has_errors = attributes.get("status") == "complete" and attributes.get("failed_count")
    return f"{path}/import-errors?page%5Bsize%5D=100" if has_errors else path


def _of_job(content: dict[str, Any], sent: Sequence[Change]) -> list[ItemVerdict] | None:
    if isinstance(content.get("data"), list):
        return _after_errors(content, sent)
    attributes = _attributes(content)
    if attributes.get("status") == "cancelled":
        return same_for_all(sent, "ambiguous", "klaviyo cancelled")
    if attributes.get("status") != "complete" or attributes.get("failed_count"):
        return None
    return same_for_all(sent, "accepted", "klaviyo complete")


def _without_job(whole: list[ItemVerdict]) -> list[ItemVerdict] | None:
    """Null where the next answer may be another one."""
    if not whole or whole[0].disable:
        return whole
    if whole[0].outcome != "rejected":
        return None
    return [replace(one, outcome="ambiguous", reason=f"klaviyo job {one.reason}") for one in whole]


def _wrong(errors: Sequence[dict[str, Any]], count: int) -> dict[int, str]:
    """Codes of errors by the index of the item they point at."""
    found: dict[int, str] = {}
    for error in errors:
        source = error.get("source")
        pointer = source.get("pointer") if isinstance(source, dict) else None
        match = _POINTER.search(pointer) if isinstance(pointer, str) else None
        if match and int(match[1]) < count:
            found[int(match[1])] = f"klaviyo {code_in(error.get('code'), 'error')}"
    return found


def _after_errors(content: dict[str, Any], sent: Sequence[Change]) -> list[ItemVerdict]:
    errors = [{**_attributes({"data": one})} for one in objects(content.get("data"))]
    wrong = _wrong(errors, len(sent))
    links = content.get("links")
    has_more = isinstance(links, dict) and bool(links.get("next"))
    is_complete = not has_more and all(_wrong([error], len(sent)) for error in errors)
    if is_complete:
        return _by_item(sent, wrong, "accepted", "klaviyo complete")
    return _by_item(sent, wrong, "not_sent", "klaviyo errors_not_all_told")


def _by_item(
    sent: Sequence[Change],
    wrong: dict[int, str],
    outcome: Literal["accepted", "not_sent"],
    reason: str,
) -> list[ItemVerdict]:
    return [
        ItemVerdict(one.item_id, "rejected", wrong[index])
        if index in wrong
        else ItemVerdict(one.item_id, outcome, reason)
        for index, one in enumerate(sent)
    ]


def _attributes(content: dict[str, Any]) -> dict[str, Any]:
    data = content.get("data")
    attributes = data.get("attributes") if isinstance(data, dict) else None
    return attributes if isinstance(attributes, dict) else {}
