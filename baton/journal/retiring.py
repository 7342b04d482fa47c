"""Rows of the journal that nothing asks for any more: found, counted, removed.

A message keeps its own row for good: by it the hand-over knows that it was told. Streams lose rows
that the warehouse has, but never their last one, from which their numbers go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, exists, func, select

from baton.journal.rules import State
from baton.journal.schema import (
    attempt_items,
    attempts,
    drops,
    message_events,
    messages,
    payloads,
    permits,
    sync_outcomes,
    sync_requests,
    sync_runs,
)

PART = 500
_ENDED: tuple[State, ...] = (
    "accepted",
    "delivered",
    "bounced",
    "cancelled",
    "unknown",
    "rejected",
    "dead",
)


@dataclass(frozen=True)
class Retirable:
    """What may go: messages whose traces are old, rows of syncs and drops before a time.

    `counts` says how many rows of which table; `at` is the wall clock's time, for permits.
    """

    at: datetime
    before: datetime | None = None
    events_up_to: int = 0
    outcomes_up_to: int = 0
    message_ids: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


def find(
    connection: Connection, before: datetime | None, loaded: Mapping[str, int], at: datetime
) -> Retirable:
    """Find what is older than `before`, and permits whose time is over at `at`.

    `loaded` is the last number of each stream that the warehouse has. Payloads tell which messages
    still have traces.
    """
    if before is None:
        spent = _count(connection, permits, _spent(at))
        return Retirable(at, counts={"permits": spent})
    events, outcomes = loaded.get("message_events", 0), loaded.get("sync_outcomes", 0)
    ids = connection.execute(_ended(before, events)).scalars().all()
    found = Retirable(at, before, events, outcomes, ids)
    return replace(found, counts=_counts(connection, found))


def still_retirable(connection: Connection, found: Retirable, part: Sequence[str]) -> Sequence[str]:
    """Those of the messages in `part` of which nothing has come since they were found."""
    if found.before is None:
        return []
    still = _ended(found.before, found.events_up_to).where(messages.c.message_id.in_(part))
    return connection.execute(still).scalars().all()


def forget_messages(connection: Connection, ids: Sequence[str]) -> None:
    """Remove events, attempts and payloads of these messages."""
    mine = attempt_items.c.message_id.in_(ids)
    carried = connection.execute(select(attempt_items.c.attempt_id).where(mine).distinct())
    attempt_ids = carried.scalars().all()
    connection.execute(delete(attempt_items).where(mine))
    for start in range(0, len(attempt_ids), PART):
        some = attempts.c.attempt_id.in_(attempt_ids[start : start + PART])
        connection.execute(delete(attempts).where(some, ~_carries_something()))
    connection.execute(delete(message_events).where(message_events.c.message_id.in_(ids)))
    connection.execute(delete(payloads).where(payloads.c.message_id.in_(ids)))


def forget_the_rest(connection: Connection, found: Retirable) -> None:
    """Remove spent permits, and old rows of syncs and drops."""
    for table, condition in _old(found):
        connection.execute(delete(table).where(condition))


def _ended(before: datetime, up_to: int) -> Select[tuple[str]]:
    of_message = message_events.c.message_id == messages.c.message_id
    last = select(func.max(message_events.c.seq)).scalar_subquery()
    is_needed = and_(of_message, (message_events.c.seq > up_to) | (message_events.c.seq == last))
    return (
        select(messages.c.message_id)
        .join_from(messages, payloads)
        .where(
            messages.c.state.in_(_ENDED),
            messages.c.changed_at < before,
            messages.c.expires_at < before,
            ~exists().where(is_needed),
        )
        .order_by(messages.c.message_id)
    )


def _old(found: Retirable) -> list[tuple[Table, ColumnElement[bool]]]:
    """Tables with what is old in them, in the order in which it can go."""
    rest: list[tuple[Table, ColumnElement[bool]]] = [(permits, _spent(found.at))]
    if found.before is None:
        return rest
    last_outcome = select(func.max(sync_outcomes.c.seq)).scalar_subquery()
    last_drops = select(func.max(drops.c.seq)).group_by(drops.c.name)
    later = sync_runs.alias()
    is_followed = exists().where(
        later.c.sync == sync_runs.c.sync, later.c.started_wall_at > sync_runs.c.started_wall_at
    )
    return [
        *rest,
        (drops, and_(drops.c.dropped_at < found.before, drops.c.seq.not_in(last_drops))),
        (
            sync_outcomes,
            and_(
                sync_outcomes.c.occurred_at < found.before,
                sync_outcomes.c.seq <= found.outcomes_up_to,
                sync_outcomes.c.seq < last_outcome,
            ),
        ),
        (
            sync_requests,
            and_(
                sync_requests.c.status != "open",
                sync_requests.c.opened_at < found.before,
                ~exists().where(sync_outcomes.c.request_id == sync_requests.c.request_id),
            ),
        ),
        (
            sync_runs,
            and_(
                sync_runs.c.state != "open",
                sync_runs.c.started_at < found.before,
                is_followed,
                ~exists().where(sync_requests.c.run_id == sync_runs.c.run_id),
            ),
        ),
    ]


def _spent(at: datetime) -> ColumnElement[bool]:
    return permits.c.counts_until <= at


def _carries_something() -> ColumnElement[bool]:
    return exists().where(attempt_items.c.attempt_id == attempts.c.attempt_id)


def _counts(connection: Connection, found: Retirable) -> dict[str, int]:
    counts = {"messages without traces": len(found.message_ids)}
    for table in (message_events, attempt_items):
        counts[table.name] = sum(
            _count(connection, table, table.c.message_id.in_(found.message_ids[at : at + PART]))
            for at in range(0, len(found.message_ids), PART)
        )
    return counts | {table.name: _count(connection, table, is_old) for table, is_old in _old(found)}


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(condition)
    return int(connection.execute(query).scalar_one())
