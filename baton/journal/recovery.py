"""Recovery: the claims that dead workers left behind."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from baton.journal import moves
from baton.journal.records import Answer, Verdict
from baton.journal.rules import SPLIT, after_ambiguous
from baton.journal.schema import attempts, messages, payloads
from baton.journal.verdicts import record

_NOT_GIVEN = "claim_not_given"


def recover(
    connection: Connection,
    now: datetime,
    *,
    is_alive: Callable[[str], bool],
    claimed_before: datetime,
) -> dict[str, int]:
    """Settle the claims that dead workers left behind; returns messages per new state.

    Class N and U go again under the same key; X as `rules.after_ambiguous` says. Where a request
    was refused, and its messages were to be claimed again in parts, nothing has been sent. Claims
    of living workers, and those made after `claimed_before` of the wall clock, are left alone.
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


def put_back(connection: Connection, worker: str, carried: Collection[str], now: datetime) -> None:
    """Let a worker's claims go again, but those it has `carried`: the others were never sent."""
    is_mine = attempts.c.worker == worker, attempts.c.status == "claimed"
    rows = [r for r in connection.execute(_CLAIMED.where(*is_mine)) if r.attempt_id not in carried]
    verdicts = [
        Verdict(row.message_id, "retry", _NOT_GIVEN, next_try_at=now, costs_try=False)
        for row in rows
    ]
    pairs = zip(rows, verdicts, strict=True)
    record(connection, [Answer(row.attempt_id, _NOT_GIVEN, (one,)) for row, one in pairs], now)


def _orphan_verdict(row: Row[Any], now: datetime) -> Verdict:
    if row.status.endswith(SPLIT):
        return Verdict(row.message_id, "retry", "sender_died", next_try_at=now, costs_try=False)
    state = after_ambiguous(row.retry_class, row.message_class, has_lookup=row.has_lookup)
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
        attempts.c.has_lookup,
        attempts.c.status,
        attempts.c.worker,
    )
    .join_from(messages, attempts, messages.c.attempt_id == attempts.c.attempt_id)
    .where(messages.c.state == "claimed")
    .order_by(messages.c.message_id)
)
