"""Verdicts in bulk: what became of each message of each request."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Connection, Row, bindparam, func, or_, update

from baton.journal import moves
from baton.journal.blocks import add_rows, block_row
from baton.journal.clock import wall_clock
from baton.journal.reading import rows_of
from baton.journal.records import Answer, Move, Verdict
from baton.journal.rules import BY_RECEIPT, CLAIMABLE, OPTED_OUT, unsent_state
from baton.journal.schema import attempt_items, attempts, messages

FIRST_POLL = timedelta(seconds=1)


def record(connection: Connection, answers: Sequence[Answer], now: datetime) -> dict[str, str]:
    """Write what came of the requests; returns the new state per message id.

    A verdict counts only while its own attempt holds the claim. A retry that the last hand-over
    has blocked meanwhile is held or cancelled. A bounce blocks the address at once, and so does
    an opt-out that the provider knows of: as STOP. After a receipt, which may come first, only
    the item of the attempt is closed.
    """
    pairs = [(answer, verdict) for answer in answers for verdict in answer.verdicts]
    rows = rows_of(connection, [verdict.message_id for _, verdict in pairs])
    held = [(a, v) for a, v in pairs if _is_mine(rows.get(v.message_id), a.attempt_id)]
    _close_attempts(connection, answers)
    _close_items(connection, [(a, v) for a, v in pairs if _is_of(rows.get(v.message_id), a)])
    changes = [m for a, v in held for m in _moves(v, rows[v.message_id], a.attempt_id)]
    last = {move.message_id: move for move in changes}
    _settle(connection, [(v, last[v.message_id]) for _, v in held], now)
    with_job = {v.message_id for a, v in held if a.job_id}
    moves.follow(connection, changes, now, keep_payloads=with_job)
    block(connection, [v for _, v in held], rows, now)
    return {move.message_id: move.state for move in changes}


def _is_mine(row: Row[Any] | None, attempt_id: str) -> bool:
    return row is not None and row.state == "claimed" and row.attempt_id == attempt_id


def _is_of(row: Row[Any] | None, answer: Answer) -> bool:
    is_open = row is not None and row.state in ("claimed", *BY_RECEIPT)
    return is_open and row is not None and row.attempt_id == answer.attempt_id


def _kind_of_block(verdict: Verdict) -> str | None:
    if verdict.state == "bounced":
        return "bounce"
    is_opt_out = verdict.state == "rejected" and verdict.reason == OPTED_OUT
    return "stop" if is_opt_out else None


def _moves(verdict: Verdict, row: Row[Any], attempt_id: str) -> list[Move]:
    message_id, reason = verdict.message_id, verdict.reason
    first = Move(message_id, verdict.state, reason, attempt_id)
    if verdict.state == "rejected":
        return [first, Move(message_id, "dead", reason, attempt_id)]
    if verdict.state == "retry" and row.blocked_by is not None:
        may_be_sent = row.may_be_sent or verdict.may_be_sent
        state = unsent_state("retry", row.blocked_by, may_be_sent=may_be_sent)
        return [first, Move(message_id, state, row.blocked_by, attempt_id)]
    return [first]


def _close_attempts(connection: Connection, answers: Sequence[Answer]) -> None:
    rows = [
        {
            "id": answer.attempt_id,
            "new_status": answer.status,
            "hash": answer.request_hash,
            "sent": answer.sent_at,
            "answered": answer.answered_at,
            "job": answer.job_id,
            "due": wall_clock() + FIRST_POLL if answer.job_id else None,
        }
        for answer in answers
    ]
    if rows:
        connection.execute(_CLOSE_ATTEMPT, rows)


def _close_items(connection: Connection, held: Sequence[tuple[Answer, Verdict]]) -> None:
    rows = [
        {
            "a": a.attempt_id,
            "m": v.message_id,
            "new_verdict": v.state,
            "why": v.reason,
            "given": v.provider_id,
        }
        for a, v in held
    ]
    if rows:
        connection.execute(_CLOSE_ITEM, rows)


def _settle(connection: Connection, held: Sequence[tuple[Verdict, Move]], now: datetime) -> None:
    """Set the state that each message comes to, and count the try."""
    rows = [
        {
            "id": verdict.message_id,
            "new_state": move.state,
            "new_reason": move.reason,
            "claimable": move.state in CLAIMABLE,
            "at": now,
            "cost": int(verdict.costs_try and verdict.state != "accepted"),
            "due": verdict.next_try_at,
            "maybe": verdict.may_be_sent,
        }
        for verdict, move in held
    ]
    if rows:
        connection.execute(_SETTLE, rows)


def block(
    connection: Connection, verdicts: Sequence[Verdict], rows: Mapping[str, Row[Any]], now: datetime
) -> None:
    """Block the addresses (of these rows by message id) that bounced or have opted out."""
    told = [(rows[v.message_id], kind) for v in verdicts if (kind := _kind_of_block(v))]
    blocks = [
        block_row(
            channel=row.channel,
            address_hash=row.address_hash,
            kind=kind,
            stated_at=now,
            source=row.destination,
            at=now,
        )
        for row, kind in told
        if row.address_hash
    ]
    add_rows(connection, blocks)


_CLOSE_ATTEMPT = (
    update(attempts)
    .where(attempts.c.attempt_id == bindparam("id"))
    .values(
        status=bindparam("new_status"),
        request_hash=bindparam("hash"),
        sent_wall_at=bindparam("sent"),
        answered_wall_at=bindparam("answered"),
        job_id=bindparam("job"),
        job_due_wall_at=bindparam("due"),
    )
)
_CLOSE_ITEM = (
    update(attempt_items)
    .where(
        attempt_items.c.attempt_id == bindparam("a"), attempt_items.c.message_id == bindparam("m")
    )
    .values(
        verdict=bindparam("new_verdict"),
        reason=bindparam("why"),
        provider_id=func.coalesce(bindparam("given"), attempt_items.c.provider_id),
    )
)
_SETTLE = (
    update(messages)
    .where(messages.c.message_id == bindparam("id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        is_claimable=bindparam("claimable"),
        changed_at=bindparam("at"),
        tries=messages.c.tries + bindparam("cost"),
        next_try_at=bindparam("due"),
        may_be_sent=or_(messages.c.may_be_sent, bindparam("maybe", type_=Boolean)),
    )
)
