"""Reading messages and attempts. No address, no variables, no address hash."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from baton.journal.rules import UNSENT
from baton.journal.schema import (
    address_blocks,
    attempt_items,
    attempts,
    message_events,
    messages,
    switches,
)
from baton.journal.tools import chunks

_CHUNK = 500
_EVENT = ("state", "reason", "occurred_at", "set_by", "note")
_INNER = frozenset({"address_hash", "is_claimable", "lane"})
_PUBLIC = [column for column in messages.c if column.name not in _INNER]


def rows_of(connection: Connection, message_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The current rows of messages, by message id."""
    found: dict[str, Row[Any]] = {}
    for part in chunks(message_ids, _CHUNK):
        query = select(messages).where(messages.c.message_id.in_(part))
        found |= {row.message_id: row for row in connection.execute(query)}
    return found


def counts(connection: Connection) -> dict[str, int]:
    """Messages per state."""
    query = select(messages.c.state, func.count()).group_by(messages.c.state)
    return {row[0]: row[1] for row in connection.execute(query.order_by(messages.c.state))}


def counts_by_action(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Messages per journey, action and state."""
    by = (messages.c.journey, messages.c.action, messages.c.state)
    query = select(*by, func.count()).group_by(*by).order_by(*by)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def waiting(connection: Connection) -> dict[str, int]:
    """Messages not yet sent (pending, held or retry), per destination."""
    query = select(messages.c.destination, func.count()).where(messages.c.state.in_(UNSENT))
    return {row[0]: row[1] for row in connection.execute(query.group_by(messages.c.destination))}


def message(connection: Connection, message_id: str) -> dict[str, Any] | None:
    """The current row of a message."""
    rows = _dicts(connection, select(*_PUBLIC).where(messages.c.message_id == message_id))
    return rows[0] if rows else None


def messages_of(connection: Connection, node_ids: Collection[str]) -> list[dict[str, Any]]:
    """The current rows of all messages of these nodes, oldest first."""
    rows = [
        row
        for part in chunks(list(dict.fromkeys(node_ids)), _CHUNK)
        for row in _dicts(connection, select(*_PUBLIC).where(messages.c.node_id.in_(part)))
    ]
    return sorted(rows, key=lambda row: (row["handed_at"], row["message_id"]))


def attempts_of(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    """The requests that carried a message, oldest first, each with the message's verdict."""
    query = (
        select(
            attempts,
            attempt_items.c.verdict,
            attempt_items.c.reason,
            attempt_items.c.provider_id,
        )
        .join_from(attempts, attempt_items)
        .where(attempt_items.c.message_id == message_id)
        .order_by(attempts.c.claimed_wall_at)
    )
    return _dicts(connection, query)


def events_of(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    """The states that a message has come through, oldest first."""
    shown = [message_events.c[name] for name in _EVENT]
    query = select(*shown).where(message_events.c.message_id == message_id)
    return _dicts(connection, query.order_by(message_events.c.seq))


def stamp(connection: Connection) -> tuple[int, int]:
    """The last numbers of events and switches."""
    last = (select(func.max(t.c.seq)).scalar_subquery() for t in (message_events, switches))
    events, stops = connection.execute(select(*last)).one()
    return events or 0, stops or 0


def sent_before_optout(connection: Connection) -> list[dict[str, Any]]:
    """Messages whose address was blocked between claim and answer, with the wall-clock times.

    Those that ended `unknown` may have been sent, and count. What a dead sender had claimed has no
    answer: there a block counts until the claim was settled.
    """
    settled_at = (
        select(func.min(message_events.c.occurred_at))
        .where(
            message_events.c.message_id == messages.c.message_id,
            message_events.c.attempt_id == attempts.c.attempt_id,
            message_events.c.state == "unknown",
        )
        .scalar_subquery()
    )
    blocked = address_blocks.c
    names = (
        messages.c.message_id,
        messages.c.state,
        messages.c.destination,
        messages.c.journey,
        attempts.c.claimed_wall_at,
        attempts.c.answered_wall_at,
    )
    query = (
        select(*names, func.min(blocked.recorded_wall_at).label("blocked_wall_at"))
        .join_from(attempts, attempt_items)
        .join(messages, messages.c.message_id == attempt_items.c.message_id)
        .join(address_blocks, blocked.address_hash == messages.c.address_hash)
        .where(
            attempt_items.c.verdict.in_(("accepted", "unknown")),
            blocked.channel == messages.c.channel,
            blocked.recorded_wall_at >= attempts.c.claimed_wall_at,
            or_(
                blocked.recorded_wall_at <= attempts.c.answered_wall_at,
                attempts.c.answered_wall_at.is_(None) & (blocked.recorded_at <= settled_at),
            ),
        )
        .group_by(*names)
        .order_by(messages.c.message_id, attempts.c.claimed_wall_at)
    )
    return _dicts(connection, query)


def _dicts(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
