"""A stop is lifted: what waited under it is released, cancelled or kept, in one transaction."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from baton.errors import UsageError
from baton.journal import moves
from baton.journal.records import Move
from baton.journal.rules import KEPT, LANES, UNSENT, cancelled
from baton.journal.schema import messages
from baton.journal.switches import COLUMN, require_scope
from baton.journal.tools import chunks

Held = Literal["release", "cancel", "keep"]
HELD: tuple[Held, ...] = get_args(Held)
_CHUNK = 500


def waiting(connection: Connection, scope: str, value: str | None) -> dict[str, int]:
    """How many messages of a scope wait, by what holds them (or their state)."""
    why = func.coalesce(messages.c.reason, messages.c.state)
    query = select(why, func.count()).where(*_waits(scope, value)).group_by(why).order_by(why)
    return {row[0]: row[1] for row in connection.execute(query)}


def settle(
    connection: Connection,
    scope: str,
    value: str | None,
    held: Held,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Do with what waits what was decided; returns how many messages that was about.

    Released ones go once the next hand-over has found nothing against them; those cancelled have
    come to their end; those kept are held until somebody lets them go, or they expire.
    """
    query = select(messages.c.message_id, messages.c.may_be_sent, messages.c.attempt_id)
    rows = connection.execute(query.where(*_waits(scope, value))).all()
    if held == "cancel":
        ends = [
            Move(
                row.message_id,
                cancelled(may_be_sent=row.may_be_sent),
                "dropped",
                row.attempt_id,
                by,
                reason,
            )
            for row in rows
        ]
        moves.apply(connection, ends, at)
    elif held == "keep":
        ids = [row.message_id for row in rows]
        _mark(connection, ids, is_kept=True)
        moves.apply(connection, [Move(id_, "held", KEPT, None, by, reason) for id_ in ids], at)
    return len(rows)


def let_go(
    connection: Connection, message_ids: list[str], *, reason: str, by: str, at: datetime
) -> list[str]:
    """Keep messages no longer; the next hand-over lets them go. Returns those that were kept.

    Raises UsageError without a reason or a name.
    """
    if not reason.strip() or not by.strip():
        raise UsageError(
            "letting go needs a reason and a name",
            where="baton outbox release",
            mend="say why, and who decided it",
        )
    kept: list[str] = []
    for part in chunks(message_ids, _CHUNK):
        mine = messages.c.message_id.in_(part), messages.c.is_kept == true()
        query = select(messages.c.message_id).where(*mine, messages.c.state.in_(UNSENT))
        kept += connection.execute(query).scalars()
    _mark(connection, kept, is_kept=False)
    moves.apply(connection, [Move(id_, "held", "let_go", None, by, reason) for id_ in kept], at)
    return kept


def _mark(connection: Connection, message_ids: list[str], *, is_kept: bool) -> None:
    for part in chunks(message_ids, _CHUNK):
        mine = update(messages).where(messages.c.message_id.in_(part))
        connection.execute(mine.values(is_kept=is_kept))


def _waits(scope: str, value: str | None) -> list[ColumnElement[bool]]:
    """Unsent messages of a scope; what tells a tool of an opt-out or an erasure is left alone."""
    require_scope(scope, value)
    mine = messages.c.state.in_(UNSENT), messages.c.lane != LANES["opt_out"]
    if scope == "global":
        return [*mine]
    column = messages.c.person_id if scope == "person" else COLUMN[scope]
    return [*mine, column == value]
