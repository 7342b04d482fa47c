"""Recovery: the claims that dead workers left behind."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from baton.journal import moves
from baton.journal.reading import rows_of
from baton.journal.records import Answer, Move, Verdict
from baton.journal.rules import after_ambiguous
from baton.journal.schema import attempts, messages, payloads
from baton.journal.tools import chunks
from baton.journal.verdicts import record

_CHUNK = 500


def recover(
    connection: Connection,
    now: datetime,
    *,
    is_alive: Callable[[str], bool],
    claimed_before: datetime,
) -> dict[str, int]:
    """Settle the claims that dead workers left behind; returns messages per new state.

    Class N and U go again under the same key; X as `rules.after_ambiguous` says. Claims of living
    workers, and those made after `claimed_before` of the wall clock, are left alone.
    """
    old = connection.execute(_CLAIMED.where(attempts.c.claimed_wall_at <= claimed_before)).all()
    dead = {worker for worker in {row.worker for row in old} if not is_alive(worker)}
    orphans = [row for row in old if row.worker in dead]
    verdicts = [_orphan_verdict(row, now) for row in orphans]
    answers = [
        Answer(row.attempt_id, "orphaned", (verdict,))
        for row, verdict in zip(orphans, verdicts, strict=True)
    ]
    states = record(connection, answers, now) if answers else {}
    _blank_expired_dead(connection, now)
    return dict(Counter(states.values()))


def replay(connection: Connection, message_ids: Collection[str], now: datetime) -> list[str]:
    """Make dead messages pending that have not expired; returns their ids."""
    rows = rows_of(connection, list(dict.fromkeys(message_ids)))
    again = [id_ for id_, row in rows.items() if row.state == "dead" and row.expires_at > now]
    for part in chunks(again, _CHUNK):
        fresh = update(messages).where(messages.c.message_id.in_(part))
        connection.execute(fresh.values(tries=0, next_try_at=None))
    moves.apply(connection, [Move(id_, "pending", "replayed") for id_ in again], now)
    return again


def _orphan_verdict(row: Row[Any], now: datetime) -> Verdict:
    state = after_ambiguous(row.retry_class, row.message_class)
    again = state == "retry"
    return Verdict(
        row.message_id,
        "retry" if again else "unknown",
        "sender_died",
        next_try_at=now if again else None,
        may_be_sent=True,
    )


def _blank_expired_dead(connection: Connection, now: datetime) -> None:
    over = (
        select(payloads.c.message_id)
        .join_from(payloads, messages)
        .where(
            messages.c.state == "dead",
            messages.c.expires_at <= now,
            payloads.c.blanked_at.is_(None),
        )
    )
    moves.blank_payloads(connection, connection.execute(over).scalars().all(), now)


_CLAIMED = (
    select(
        messages.c.message_id,
        messages.c.message_class,
        messages.c.attempt_id,
        attempts.c.retry_class,
        attempts.c.worker,
    )
    .join_from(messages, attempts, messages.c.attempt_id == attempts.c.attempt_id)
    .where(messages.c.state == "claimed")
    .order_by(messages.c.message_id)
)
