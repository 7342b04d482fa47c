"""Changes of state, each with its event, in the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from baton.journal.records import Move
from baton.journal.rules import CLAIMABLE, PAYLOAD_ENDS
from baton.journal.schema import message_events, messages, payloads
from baton.journal.tools import chunks

_CHUNK = 500


def apply(
    connection: Connection,
    moves: Sequence[Move],
    at: datetime,
    *,
    keep_payloads: Collection[str] = (),
) -> None:
    """Set the states, append the events, and blank the payloads of what has come to its end.

    Payloads of `keep_payloads` stay: a job that runs may still refuse the message.
    """
    if not moves:
        return
    connection.execute(_SET_STATE, [_state_row(move, at) for move in moves])
    follow(connection, moves, at, keep_payloads=keep_payloads)


def follow(
    connection: Connection,
    made: Sequence[Move],
    at: datetime,
    *,
    keep_payloads: Collection[str] = (),
) -> None:
    """The same for moves whose states are set: their events, and the payloads of ends."""
    append_events(connection, made, at)
    ends = [m.message_id for m in made if m.state in PAYLOAD_ENDS]
    blank_payloads(connection, [id_ for id_ in ends if id_ not in keep_payloads], at)


def append_events(connection: Connection, moves: Sequence[Move], at: datetime) -> None:
    """Append one event per move, in order."""
    rows = [
        {
            "message_id": move.message_id,
            "state": move.state,
            "reason": move.reason,
            "attempt_id": move.attempt_id,
            "occurred_at": at,
            "set_by": move.set_by,
            "note": move.note,
        }
        for move in moves
    ]
    if rows:
        connection.execute(message_events.insert(), rows)


def blank_payloads(connection: Connection, message_ids: Sequence[str], at: datetime) -> None:
    """Remove address and variables for good."""
    for part in chunks(message_ids, _CHUNK):
        mine = payloads.c.message_id.in_(part)
        blank = {"address": None, "variables": None, "blanked_at": at}
        connection.execute(update(payloads).where(mine).values(**blank))


_SET_STATE = (
    update(messages)
    .where(messages.c.message_id == bindparam("id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        is_claimable=bindparam("claimable"),
        changed_at=bindparam("at"),
    )
)


def _state_row(move: Move, at: datetime) -> dict[str, object]:
    return {
        "id": move.message_id,
        "new_state": move.state,
        "new_reason": move.reason,
        "claimable": move.state in CLAIMABLE,
        "at": at,
    }
