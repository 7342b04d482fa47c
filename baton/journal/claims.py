"""Claims: every rule is checked again, in the transaction that records the attempt."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from baton.ids import make_id
from baton.journal import moves, ready
from baton.journal.blocks import blocking_reason, blocks_of
from baton.journal.clock import wall_clock
from baton.journal.reading import rows_of
from baton.journal.records import Answer, Claimed, ClaimOrder, Move
from baton.journal.rules import LANES, cancelled
from baton.journal.schema import attempt_items, attempts, messages
from baton.journal.tools import chunks
from baton.journal.verdicts import record


@dataclass(frozen=True)
class _Turn:
    """What one walk along the queue found: whom to send to, and who is blocked and why."""

    picked: list[Row[Any]]
    blocked: list[Move]


def claim(
    connection: Connection,
    destination: str,
    limit: int,
    *,
    now: datetime,
    worker: str,
    order: ClaimOrder,
) -> list[Claimed]:
    """Claim up to `limit` messages in order, and write their attempts."""
    expire(connection, destination, now)
    pages = ready.pages(connection, destination, limit, now, order)
    turn = _walk(connection, pages, destination, limit)
    return _take(connection, turn, now=now, worker=worker, order=order)


def reclaim(
    connection: Connection, refused: Answer, *, now: datetime, worker: str, order: ClaimOrder
) -> list[Claimed]:
    """Record verdicts, and claim those messages again that may still go in time."""
    record(connection, [refused], now)
    ids = [verdict.message_id for verdict in refused.verdicts]
    destinations = {row.destination for row in rows_of(connection, ids).values()}
    again: list[Claimed] = []
    for name in sorted(destinations):
        expire(connection, name, now)
        pages = ready.pages(connection, name, len(ids), now, order, among=ids)
        turn = _walk(connection, pages, name, len(ids))
        again += _take(connection, turn, now=now, worker=worker, order=order)
    return again


def expire(connection: Connection, destination: str, now: datetime) -> None:
    """Cancel the unsent messages of a destination whose time is over."""
    over = ready.over(connection, destination, now)
    ends = [Move(r.message_id, cancelled(may_be_sent=r.may_be_sent), "expired") for r in over]
    moves.apply(connection, ends, now)


def _take(
    connection: Connection, turn: _Turn, *, now: datetime, worker: str, order: ClaimOrder
) -> list[Claimed]:
    moves.apply(connection, turn.blocked, now)
    attempt_of = _write_attempts(connection, turn.picked, now, worker, order)
    _mark_claimed(connection, attempt_of, now)
    return [_claimed(row, attempt_of[row.message_id]) for row in turn.picked]


def _walk(
    connection: Connection, pages: Generator[Sequence[Row[Any]]], destination: str, limit: int
) -> _Turn:
    busy = _in_flight(connection, destination)
    turn = _Turn([], [])
    with closing(pages):
        for page in pages:
            blocks = blocks_of(connection, [row.address_hash for row in page if row.address_hash])
            for row in page:
                if len(turn.picked) == limit:
                    return turn
                _judge(row, blocks, busy, turn)
    return turn


def _judge(
    row: Row[Any], blocks: Mapping[str, Sequence[Row[Any]]], busy: set[str], turn: _Turn
) -> None:
    tells_of_a_no = row.lane == LANES["opt_out"]
    reason = None if tells_of_a_no else blocking_reason(row, blocks.get(row.address_hash, ()))
    keys = _flight_keys(row)
    if reason is not None:
        turn.blocked.append(Move(row.message_id, cancelled(may_be_sent=row.may_be_sent), reason))
    elif busy.isdisjoint(keys):
        busy |= keys
        turn.picked.append(row)


def _in_flight(connection: Connection, destination: str) -> set[str]:
    found = connection.execute(_IN_FLIGHT, {"at": destination})
    return {key for row in found for key in _flight_keys(row)}


def _flight_keys(row: Row[Any]) -> set[str]:
    return {key for key in (row.node_id, row.address_hash) if key}


def _write_attempts(
    connection: Connection,
    picked: Sequence[Row[Any]],
    now: datetime,
    worker: str,
    order: ClaimOrder,
) -> dict[str, str]:
    requests = {_attempt_id(part): part for part in chunks(picked, order.per_request)}
    same: dict[str, Any] = {"worker": worker, "status": "claimed"}
    same |= {"retry_class": order.retry_class, "has_lookup": order.has_lookup}
    clocks = {"claimed_at": now, "claimed_wall_at": wall_clock()}
    rows = [
        {"attempt_id": id_, "destination": part[0].destination, "items": len(part)}
        for id_, part in requests.items()
    ]
    attempt_of = {row.message_id: id_ for id_, part in requests.items() for row in part}
    if rows:
        items = [{"attempt_id": id_, "message_id": message} for message, id_ in attempt_of.items()]
        connection.execute(attempts.insert(), [row | same | clocks for row in rows])
        connection.execute(attempt_items.insert(), items)
    return attempt_of


def _attempt_id(request: Sequence[Row[Any]]) -> str:
    return make_id("attempt", *[f"{row.message_id}:{row.requests}" for row in request])


def _mark_claimed(connection: Connection, attempt_of: Mapping[str, str], now: datetime) -> None:
    if not attempt_of:
        return
    rows = [{"id": id_, "attempt": attempt, "at": now} for id_, attempt in attempt_of.items()]
    connection.execute(_MARK_CLAIMED, rows)
    taken = [Move(id_, "claimed", None, attempt) for id_, attempt in attempt_of.items()]
    moves.append_events(connection, taken, now)


def _claimed(row: Row[Any], attempt_id: str) -> Claimed:
    same = {name: getattr(row, name) for name in _SAME_NAME}
    return Claimed(**same, attempt_id=attempt_id, variables=row.variables or {})


_OWN = ("attempt_id", "variables")
_SAME_NAME = [field.name for field in fields(Claimed) if field.name not in _OWN]
_IN_FLIGHT = select(messages.c.node_id, messages.c.address_hash).where(
    messages.c.destination == bindparam("at"), messages.c.state == "claimed"
)
_MARK_CLAIMED = (
    update(messages)
    .where(messages.c.message_id == bindparam("id"))
    .values(
        state="claimed",
        reason=None,
        is_claimable=False,
        changed_at=bindparam("at"),
        attempt_id=bindparam("attempt"),
        requests=messages.c.requests + 1,
    )
)
