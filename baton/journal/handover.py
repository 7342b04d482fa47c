"""Hand-over: the outbox states what should go, and what blocks the unsent ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, true, update

from baton.errors import UsageError
from baton.journal import erasing, moves, points, statements
from baton.journal.clock import require_naive
from baton.journal.hashing import AddressHasher
from baton.journal.records import HandedMessage, HandOver, Move
from baton.journal.rules import (
    BEYOND_RECALL,
    CANCELLING,
    CLAIMABLE,
    HOLDING,
    KEPT,
    LANE_OF_CLASS,
    LANES,
    UNSENT,
    State,
    unsent_state,
)
from baton.journal.schema import messages, payloads

_BLOCKING = CANCELLING | HOLDING


@dataclass(frozen=True)
class Moment:
    """When a hand-over was decided (`checked_at`) and when it is written (`at`)."""

    checked_at: datetime
    at: datetime


def in_safe_order(handed: Iterable[HandedMessage]) -> list[HandedMessage]:
    """One statement per message, those that are blocked first.

    Written in parts, the message that supersedes must not be claimable before the superseded
    one is cancelled. Raises UsageError for a class, reason or time the journal does not know.
    """
    latest = {message.message_id: message for message in handed}
    for message in latest.values():
        _require_known(message)
    return sorted(latest.values(), key=lambda message: message.blocked_by is None)


def write_part(
    connection: Connection,
    part: Sequence[HandedMessage],
    moment: Moment,
    hasher: AddressHasher,
) -> HandOver:
    """Write one part of a hand-over; the same part again changes nothing."""
    part = erasing.barred(connection, _behind_what_is_gone(connection, part))
    query = select(messages).where(messages.c.message_id.in_([m.message_id for m in part]))
    known = {row.message_id: row for row in connection.execute(query)}
    new = [message for message in part if message.message_id not in known]
    old = [(m, known[m.message_id]) for m in part if m.message_id in known]
    open_ = [
        (_kept_back(m, row), row)
        for m, row in old
        if _is_open(row) and row.checked_at <= moment.checked_at
    ]
    _insert(connection, new, moment, hasher)
    known_now = points.keep(connection, [*new, *_moved(open_)], hasher, moment.at)
    statements.block_known(connection, known_now, moment.at)
    _restate(connection, [m for m, _ in open_], moment)
    changes = [move for m, row in open_ if (move := _move(m, row)) is not None]
    moves.apply(connection, changes, moment.at)
    return _summary(new, changes, restated=len(open_), untouched=len(old) - len(open_))


def total(parts: Sequence[HandOver]) -> HandOver:
    """The sum of the parts."""
    names = [field.name for field in fields(HandOver)]
    return HandOver(**{name: sum(getattr(part, name) for part in parts) for name in names})


def _behind_what_is_gone(
    connection: Connection, part: Sequence[HandedMessage]
) -> list[HandedMessage]:
    """Hold what takes the place of a message that can no longer be called back."""
    displaced = {id_ for message in part if not message.blocked_by for id_ in message.displaces}
    query = select(messages.c.message_id).where(
        messages.c.message_id.in_(displaced),
        or_(messages.c.state.in_(BEYOND_RECALL), messages.c.may_be_sent == true()),
    )
    gone = set(connection.execute(query).scalars()) if displaced else set[str]()
    return [
        message if gone.isdisjoint(message.displaces) else replace(message, blocked_by="outranked")
        for message in part
    ]


def _moved(old: Sequence[tuple[HandedMessage, Row[Any]]]) -> list[HandedMessage]:
    """Known messages whose address belongs to another person now, or whose node is new to us."""
    return [
        message
        for message, row in old
        if message.person_id != row.person_id
        or (message.address_node_id is not None and row.address_node_id is None)
    ]


def _kept_back(message: HandedMessage, row: Row[Any]) -> HandedMessage:
    """What a person has kept when a stop was lifted stays, also when nothing else blocks it."""
    return replace(message, blocked_by=message.blocked_by or (KEPT if row.is_kept else None))


def _is_open(row: Row[Any]) -> bool:
    return row.state in UNSENT or row.state == "claimed"


def _move(message: HandedMessage, row: Row[Any]) -> Move | None:
    if row.state == "claimed":
        return None
    state = unsent_state(row.state, message.blocked_by, may_be_sent=row.may_be_sent)
    is_same = state == row.state and (state != "held" or row.reason == message.blocked_by)
    return None if is_same else Move(message.message_id, state, message.blocked_by)


def _restate(connection: Connection, restated: Sequence[HandedMessage], moment: Moment) -> None:
    rows = [
        {
            "id": message.message_id,
            "new_block": message.blocked_by,
            "new_consent": message.consent_at,
            "new_person": message.person_id,
            "new_node": message.address_node_id,
            "checked": moment.checked_at,
        }
        for message in restated
    ]
    if rows:
        connection.execute(_RESTATE, rows)


def _insert(
    connection: Connection,
    new: Sequence[HandedMessage],
    moment: Moment,
    hasher: AddressHasher,
) -> None:
    if not new:
        return
    connection.execute(messages.insert(), [_row(m, moment, hasher) for m in new])
    connection.execute(payloads.insert(), [_payload(m, moment.at) for m in new])
    born = [Move(m.message_id, _first_state(m), m.blocked_by) for m in new]
    moves.append_events(connection, born, moment.at)


def _first_state(message: HandedMessage) -> State:
    return unsent_state("pending", message.blocked_by, may_be_sent=False)


def _row(message: HandedMessage, moment: Moment, hasher: AddressHasher) -> dict[str, Any]:
    state = _first_state(message)
    same = {name: getattr(message, name) for name in _SAME_NAME}
    return same | {
        "lane": LANES[message.lane or LANE_OF_CLASS[message.message_class]],
        "checked_at": moment.checked_at,
        "address_hash": hasher.address(message.channel, message.address),
        "state": state,
        "reason": message.blocked_by,
        "is_claimable": state in CLAIMABLE,
        "may_be_sent": False,
        "tries": 0,
        "requests": 0,
        "handed_at": moment.at,
        "changed_at": moment.at,
    }


def _payload(message: HandedMessage, at: datetime) -> dict[str, Any]:
    if _first_state(message) == "cancelled":
        blank = {"address": None, "variables": None, "blanked_at": at}
        return {"message_id": message.message_id, **blank}
    return {
        "message_id": message.message_id,
        "address": message.address,
        "variables": dict(message.variables),
        "blanked_at": None,
    }


def _summary(
    new: Sequence[HandedMessage], changes: Sequence[Move], *, restated: int, untouched: int
) -> HandOver:
    states = Counter([move.state for move in changes] + [_first_state(m) for m in new])
    return HandOver(
        new=len(new),
        restated=restated,
        released=sum(move.state == "pending" for move in changes),
        held=states["held"],
        cancelled=states["cancelled"],
        untouched=untouched,
    )


def _require_known(message: HandedMessage) -> None:
    require_naive(message.expires_at, "expires_at")
    known_class = message.message_class in LANE_OF_CLASS
    known_block = message.blocked_by is None or message.blocked_by in _BLOCKING
    if not known_class or not known_block:
        raise UsageError(
            f"class {message.message_class!r} or reason {message.blocked_by!r} is unknown",
            where=f"message {message.message_id}",
            mend=f"classes: {', '.join(LANE_OF_CLASS)}; reasons: {', '.join(sorted(_BLOCKING))}",
        )


_SAME_NAME = [
    field.name
    for field in fields(HandedMessage)
    if field.name in messages.c and field.name != "lane"
]
_RESTATE = (
    update(messages)
    .where(messages.c.message_id == bindparam("id"))
    .values(
        blocked_by=bindparam("new_block"),
        consent_at=bindparam("new_consent"),
        person_id=bindparam("new_person"),
        address_node_id=func.coalesce(bindparam("new_node"), messages.c.address_node_id),
        checked_at=bindparam("checked"),
    )
)
