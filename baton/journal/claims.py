"""Claims: every rule is checked again, in the transaction that records the attempt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    exists,
    or_,
    select,
    true,
    update,
)

from baton.ids import make_id
from baton.journal import moves
from baton.journal.blocks import blocking_reason, blocks_of
from baton.journal.clock import wall_clock
from baton.journal.reading import rows_of
from baton.journal.records import Answer, Claimed, ClaimOrder, Move
from baton.journal.releases import not_withdrawn
from baton.journal.rules import LANES, UNSENT, cancelled
from baton.journal.schema import attempt_items, attempts, messages, payloads
from baton.journal.switches import not_stopped
from baton.journal.tools import chunks
from baton.journal.verdicts import record

_PAGE = 200
_SPARE = 10
_CHUNK = 500


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
    due = _due(connection, destination, now, order)
    return _claim_due(connection, due, destination, limit, now=now, worker=worker, order=order)


def _claim_due(
    connection: Connection,
    due: Sequence[ColumnElement[bool]],
    destination: str,
    limit: int,
    *,
    now: datetime,
    worker: str,
    order: ClaimOrder,
) -> list[Claimed]:
    turn = _walk(connection, due, destination, limit)
    moves.apply(connection, turn.blocked, now)
    attempt_of = _write_attempts(connection, turn.picked, now, worker, order)
    _mark_claimed(connection, turn.picked, attempt_of, now)
    return _with_payloads(connection, turn.picked, attempt_of)


def reclaim(
    connection: Connection, refused: Answer, *, now: datetime, worker: str, order: ClaimOrder
) -> list[Claimed]:
    """Record verdicts, and claim those messages again that may still go."""
    record(connection, [refused], now)
    ids = [verdict.message_id for verdict in refused.verdicts]
    rows = rows_of(connection, ids)
    destinations = {row.destination for row in rows.values()}
    again: list[Claimed] = []
    for name in sorted(destinations):
        due = [*_due(connection, name, now, order), messages.c.message_id.in_(ids)]
        again += _claim_due(connection, due, name, len(ids), now=now, worker=worker, order=order)
    return again


def due(connection: Connection, now: datetime, checked_within_minutes: float) -> set[str]:
    """The destinations with a message that is ready by its own row, or with a job to ask for."""
    names = connection.execute(select(messages.c.destination).distinct()).scalars().all()
    asked = select(attempts.c.destination).where(attempts.c.job_due_wall_at <= wall_clock())
    ready = {name for name in names if is_due(connection, name, now, checked_within_minutes)}
    return ready | set(connection.execute(asked.distinct()).scalars())


def is_due(
    connection: Connection, destination: str, now: datetime, checked_within_minutes: float
) -> bool:
    """Whether a message of a destination is ready by its own row, or its time is over."""
    order = ClaimOrder(checked_within_minutes=checked_within_minutes)
    ready = exists().where(*_due(connection, destination, now, order))
    return bool(
        connection.execute(select(or_(ready, exists().where(*_over(destination, now))))).scalar()
    )


def expire(connection: Connection, destination: str, now: datetime) -> None:
    """Cancel the unsent messages of a destination whose time is over."""
    query = select(messages.c.message_id, messages.c.may_be_sent).where(*_over(destination, now))
    over = connection.execute(query.order_by(messages.c.message_id)).all()
    ends = [Move(r.message_id, cancelled(may_be_sent=r.may_be_sent), "expired") for r in over]
    moves.apply(connection, ends, now)


def _over(destination: str, now: datetime) -> list[ColumnElement[bool]]:
    return [
        messages.c.destination == destination,
        messages.c.state.in_(UNSENT),
        messages.c.expires_at <= now,
    ]


def _due(
    connection: Connection, destination: str, now: datetime, order: ClaimOrder
) -> list[ColumnElement[bool]]:
    oldest_check = now - timedelta(minutes=order.checked_within_minutes)
    return [
        messages.c.destination == destination,
        messages.c.is_claimable == true(),
        messages.c.blocked_by.is_(None),
        messages.c.checked_at >= oldest_check,
        or_(messages.c.next_try_at.is_(None), messages.c.next_try_at <= now),
        *not_stopped(connection),
        *not_withdrawn(connection),
    ]


def _walk(
    connection: Connection, due: Sequence[ColumnElement[bool]], destination: str, limit: int
) -> _Turn:
    busy = _in_flight(connection, destination)
    turn = _Turn([], [])
    for page in _pages(connection, due, limit):
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


def _pages(
    connection: Connection, due: Sequence[ColumnElement[bool]], limit: int
) -> Iterator[Sequence[Row[Any]]]:
    in_turn = (messages.c.lane, messages.c.priority.desc(), messages.c.message_id)
    query = select(messages).where(*due).order_by(*in_turn)
    with connection.execute(
        query.execution_options(yield_per=min(limit + _SPARE, _PAGE))
    ) as result:
        yield from result.partitions()


def _in_flight(connection: Connection, destination: str) -> set[str]:
    query = select(messages.c.node_id, messages.c.address_hash).where(
        messages.c.destination == destination, messages.c.state == "claimed"
    )
    return {key for row in connection.execute(query) for key in _flight_keys(row)}


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


def _mark_claimed(
    connection: Connection,
    picked: Sequence[Row[Any]],
    attempt_of: Mapping[str, str],
    now: datetime,
) -> None:
    taken = [Move(r.message_id, "claimed", None, attempt_of[r.message_id]) for r in picked]
    moves.apply(connection, taken, now)
    if taken:
        rows = [{"id": move.message_id, "attempt": move.attempt_id} for move in taken]
        connection.execute(_COUNT_REQUEST, rows)


def _with_payloads(
    connection: Connection, picked: Sequence[Row[Any]], attempt_of: Mapping[str, str]
) -> list[Claimed]:
    payload_of: dict[str, Row[Any]] = {}
    for part in chunks([row.message_id for row in picked], _CHUNK):
        query = select(payloads).where(payloads.c.message_id.in_(part))
        payload_of |= {row.message_id: row for row in connection.execute(query)}
    return [_claimed(r, payload_of[r.message_id], attempt_of[r.message_id]) for r in picked]


def _claimed(row: Row[Any], payload: Row[Any], attempt_id: str) -> Claimed:
    same = {name: getattr(row, name) for name in _SAME_NAME}
    return Claimed(
        **same, attempt_id=attempt_id, address=payload.address, variables=payload.variables or {}
    )


_SAME_NAME = [
    field.name
    for field in fields(Claimed)
    if field.name in messages.c and field.name != "attempt_id"
]
_COUNT_REQUEST = (
    update(messages)
    .where(messages.c.message_id == bindparam("id"))
    .values(attempt_id=bindparam("attempt"), requests=messages.c.requests + 1)
)
