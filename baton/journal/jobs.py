"""Jobs: what a tool has accepted and not yet applied, asked for until there is an outcome."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from baton.journal import moves
from baton.journal.reading import rows_of
from baton.journal.records import Claimed, Move, OpenJob, Verdict
from baton.journal.schema import attempt_items, attempts, messages
from baton.journal.verdicts import block

_LONGEST = timedelta(minutes=5)
_SHORTEST = timedelta(seconds=1)


def running(connection: Connection) -> dict[str, int]:
    """Open jobs per destination."""
    query = select(attempts.c.destination, func.count()).where(
        attempts.c.job_due_wall_at.is_not(None)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(attempts.c.destination))}


def due(connection: Connection, destination: str, at: datetime) -> list[OpenJob]:
    """The jobs of a destination to ask for at a wall-clock time, oldest first."""
    query = (
        select(attempts)
        .where(attempts.c.destination == destination, attempts.c.job_due_wall_at <= at)
        .order_by(attempts.c.job_due_wall_at)
    )
    return [
        OpenJob(
            row.attempt_id,
            row.job_id,
            row.answered_wall_at or row.claimed_wall_at,
            _messages_of(connection, row.attempt_id),
        )
        for row in connection.execute(query).all()
    ]


def postpone(connection: Connection, attempt_id: str, at: datetime) -> None:
    """Ask again after half as long again as the job has run, within 1 s and 5 min."""
    began = connection.execute(
        select(attempts.c.answered_wall_at).where(attempts.c.attempt_id == attempt_id)
    ).scalar()
    wait = min(max((at - (began or at)) / 2, _SHORTEST), _LONGEST)
    _set_due(connection, attempt_id, at + wait)


def close(
    connection: Connection, attempt_id: str, verdicts: Sequence[Verdict], now: datetime
) -> dict[str, str]:
    """Write the outcome of each message that still stands as this request left it."""
    _set_due(connection, attempt_id, None)
    rows = rows_of(connection, [verdict.message_id for verdict in verdicts])
    mine = [
        verdict
        for verdict in verdicts
        if (row := rows.get(verdict.message_id)) is not None
        and row.attempt_id == attempt_id
        and row.state == "accepted"
    ]
    _close_items(connection, attempt_id, mine)
    refused = [one for one in mine if one.state in ("rejected", "bounced", "dead")]
    changes = [move for one in refused for move in _moves(one, attempt_id)]
    moves.apply(connection, changes, now)
    kept = {one.message_id for one in refused if one.state != "bounced"}
    done = [one.message_id for one in mine if one.message_id not in kept]
    moves.blank_payloads(connection, done, now)
    block(connection, refused, rows, now)
    return {move.message_id: move.state for move in changes}


def _moves(verdict: Verdict, attempt_id: str) -> list[Move]:
    first = Move(verdict.message_id, verdict.state, verdict.reason, attempt_id)
    if verdict.state == "rejected":
        return [first, Move(verdict.message_id, "dead", verdict.reason, attempt_id)]
    return [first]


def _close_items(connection: Connection, attempt_id: str, verdicts: Sequence[Verdict]) -> None:
    rows = [{"m": one.message_id, "new_verdict": one.state, "why": one.reason} for one in verdicts]
    if rows:
        connection.execute(_CLOSE_ITEM.where(attempt_items.c.attempt_id == attempt_id), rows)


def _messages_of(connection: Connection, attempt_id: str) -> tuple[Claimed, ...]:
    query = (
        select(messages)
        .join_from(messages, attempt_items)
        .where(attempt_items.c.attempt_id == attempt_id)
    )
    rows = connection.execute(query.order_by(messages.c.message_id)).mappings()
    return tuple(
        Claimed(**{name: row[name] for name in _SAME_NAME}, attempt_id=attempt_id) for row in rows
    )


def _set_due(connection: Connection, attempt_id: str, due_at: datetime | None) -> None:
    mine = update(attempts).where(attempts.c.attempt_id == attempt_id)
    connection.execute(mine.values(job_due_wall_at=due_at))


_SAME_NAME = [
    field.name
    for field in fields(Claimed)
    if field.name in messages.c and field.name != "attempt_id"
]
_CLOSE_ITEM = (
    update(attempt_items)
    .where(attempt_items.c.message_id == bindparam("m"))
    .values(verdict=bindparam("new_verdict"), reason=bindparam("why"))
)
