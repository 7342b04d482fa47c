"""The outbox as its keepers see it: what waits, what is dead, and what they do about it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from baton.errors import UsageError
from baton.journal import moves
from baton.journal.reading import rows_of
from baton.journal.records import Move
from baton.journal.rules import UNSENT, State, cancelled
from baton.journal.schema import messages
from baton.journal.tools import chunks

_CHUNK = 500
_DROPPABLE: tuple[State, ...] = (*UNSENT, "dead")
_SHOWN = (
    messages.c.message_id,
    messages.c.state,
    messages.c.reason,
    messages.c.destination,
    messages.c.journey,
    messages.c.action,
    messages.c.message_class,
    messages.c.tries,
    messages.c.may_be_sent,
    messages.c.next_try_at,
    messages.c.expires_at,
    messages.c.handed_at,
    messages.c.changed_at,
)


def listed(
    connection: Connection,
    *,
    states: Collection[str],
    destination: str | None,
    journey: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Messages in these states, the one that has waited longest first."""
    query = select(*_SHOWN).where(messages.c.state.in_(states))
    if destination is not None:
        query = query.where(messages.c.destination == destination)
    if journey is not None:
        query = query.where(messages.c.journey == journey)
    query = query.order_by(messages.c.changed_at, messages.c.message_id).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def backlog(connection: Connection) -> list[dict[str, Any]]:
    """Per destination with unsent or dead messages: how many by state, and since when."""
    waits = messages.c.state.in_(("pending", "retry"))
    query = (
        select(
            messages.c.destination,
            *[
                func.sum(case((messages.c.state == state, 1), else_=0)).label(state)
                for state in (*UNSENT, "claimed", "dead")
            ],
            func.min(case((waits, messages.c.handed_at), else_=None)).label("oldest_waits_since"),
        )
        .where(messages.c.state.in_((*UNSENT, "claimed", "dead")))
        .group_by(messages.c.destination)
        .order_by(messages.c.destination)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def replay(
    connection: Connection,
    message_ids: Collection[str],
    now: datetime,
    *,
    by: str | None,
    reason: str | None,
) -> list[str]:
    """Make dead messages pending that have not expired; returns their ids."""
    rows = rows_of(connection, list(dict.fromkeys(message_ids)))
    again = [id_ for id_, row in rows.items() if row.state == "dead" and row.expires_at > now]
    for part in chunks(again, _CHUNK):
        fresh = update(messages).where(messages.c.message_id.in_(part))
        connection.execute(fresh.values(tries=0, next_try_at=None))
    born = [Move(id_, "pending", "replayed", set_by=by, note=reason) for id_ in again]
    moves.apply(connection, born, now)
    return again


def drop(
    connection: Connection,
    message_ids: Collection[str],
    now: datetime,
    *,
    by: str,
    reason: str,
) -> list[str]:
    """End unsent and dead messages, on record with author and reason; returns their ids."""
    if not reason.strip() or not by.strip():
        raise UsageError(
            "dropping needs a reason and a name",
            where="baton outbox drop",
            mend="say why, and who decided it",
        )
    rows = rows_of(connection, list(dict.fromkeys(message_ids)))
    ends = [
        Move(id_, cancelled(may_be_sent=row.may_be_sent), "dropped", row.attempt_id, by, reason)
        for id_, row in rows.items()
        if row.state in _DROPPABLE
    ]
    moves.apply(connection, ends, now)
    return [move.message_id for move in ends]
