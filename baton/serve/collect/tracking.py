"""Calls of the tracking API as rows of a source of events. Pure.

A row has the columns of `web.events`: event_id, anonymous_id, user_id, email, event, properties,
occurred_at, sent_at; beside them `_received_at` and what the call said otherwise, which intake
keeps as `_extra`. Times are naive UTC in ISO 8601. A call without what it needs becomes a row that
lacks it: intake puts it into quarantine, with file, line and reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Row = dict[str, Any]
CALLS = ("track", "page", "screen", "identify", "group", "alias")
_NAMES = {"page": "page_view", "screen": "screen_view"}
_ABOUT = {"identify": "traits", "group": "traits"}
_LONGEST_ID = 500


def rows_of(
    body: Mapping[str, Any], call: str, *, received_at: datetime, source: str
) -> Iterator[Row]:
    """Yield a row for each item of a batch, or for the one call that the body is."""
    batch = body.get("batch") if call == "batch" else [body]
    items: Sequence[object] = batch if isinstance(batch, list) else [body]
    same = {"write_key": source, "_received_at": _text(received_at)}
    for item in items:
        yield _row(item if isinstance(item, dict) else {}, body, call, received_at) | same


def _row(
    item: Mapping[str, Any],
    body: Mapping[str, Any],
    call: str,
    received_at: datetime,
) -> Row:
    kind = item.get("type") if call == "batch" else call
    context = _mapping(item.get("context")) or _mapping(body.get("context"))
    about = _mapping(item.get(_ABOUT.get(str(kind), "properties")))
    sent_at = _moment(item.get("sentAt") or body.get("sentAt"))
    stated = item.get("originalTimestamp") or item.get("timestamp")
    row: Row = {
        "event_id": _id(item.get("messageId")) or uuid4().hex,
        "anonymous_id": _id(item.get("anonymousId")),
        "user_id": _id(item.get("userId")),
        "email": _email(item, context, about),
        "event": _event(str(kind), item),
        "properties": about | _named(item),
        "occurred_at": _text(_corrected(stated, sent_at, received_at)),
        "sent_at": _text(sent_at),
        "call": kind if kind in CALLS else None,
    }
    more = {"previous_id": _id(item.get("previousId")), "group_id": _id(item.get("groupId"))}
    return row | {name: value for name, value in more.items() if value is not None}


def _event(kind: str, item: Mapping[str, Any]) -> str | None:
    if kind not in CALLS:
        return None
    name = item.get("event") if kind == "track" else _NAMES.get(kind, kind)
    return name.strip() or None if isinstance(name, str) else None


def _named(item: Mapping[str, Any]) -> dict[str, Any]:
    """The name of a page or screen, which stands beside its properties."""
    name = item.get("name")
    return {"name": name} if isinstance(name, str) and name else {}


def _email(
    item: Mapping[str, Any], context: Mapping[str, Any], about: Mapping[str, Any]
) -> str | None:
    traits = _mapping(item.get("traits")) or _mapping(context.get("traits"))
    found = traits.get("email") or about.get("email")
    return found if isinstance(found, str) else None


def _corrected(stated: object, sent_at: datetime | None, received_at: datetime) -> datetime | None:
    """When it happened by our clock: the sender's clock may be wrong, its differences are not.

    Nothing happens after it was received. Null for a time that cannot be read.
    """
    if stated is None:
        return received_at
    at = _moment(stated)
    if at is None:
        return None
    try:
        corrected = received_at - (sent_at - at) if sent_at else at
    except OverflowError:
        return None
    return min(corrected, received_at)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is UTC:  # as libraries write it: nothing to convert
            return at.replace(tzinfo=None)
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, OverflowError):
        return None


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="microseconds")


def _id(value: object) -> str | None:
    """An id as text; ids longer than any real one are no ids."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text if 0 < len(text) <= _LONGEST_ID else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
