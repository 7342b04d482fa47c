"""What an erasure does to messages, contexts and what is known of tools, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    delete,
    func,
    or_,
    select,
    true,
    update,
)

from baton.journal import moves
from baton.journal.records import HandedMessage, Move
from baton.journal.rules import BEYOND_RECALL, UNSENT, cancelled
from baton.journal.schema import (
    context_keys,
    contexts,
    destination_identities,
    erasures,
    messages,
    payloads,
    statements,
    sync_rows,
)
from baton.journal.sync_records import SEPARATOR
from baton.journal.tools import chunks

REASON = "erased"
NOBODY = ""
JOURNEY = "erasure"
_CHUNK = 500
_TOLD = (*BEYOND_RECALL, "bounced")


def barred(connection: Connection, part: Sequence[HandedMessage]) -> list[HandedMessage]:
    """The messages of a hand-over, those to people who are being erased blocked."""
    rows = connection.execute(_OPEN).all()
    nodes = {one for row in rows for one in row.node_ids}
    persons = {one for row in rows for one in row.person_ids}
    return [
        replace(one, blocked_by=REASON) if one.node_id in nodes or one.person_id in persons else one
        for one in part
    ]


def stop_messages(connection: Connection, node_ids: Collection[str], now: datetime) -> int:
    """End all that has not been sent, and blank all payloads but of what is on its way.

    What is on its way is marked, so that it never goes again. Returns how many were unsent.
    """
    rows = [
        row
        for part in chunks(sorted(node_ids), _CHUNK)
        for row in connection.execute(select(messages).where(messages.c.node_id.in_(part)))
    ]
    unsent = [row for row in rows if row.state in UNSENT]
    ends = [
        Move(row.message_id, cancelled(may_be_sent=row.may_be_sent), REASON, row.attempt_id)
        for row in rows
        if row.state in (*UNSENT, "dead")
    ]
    moves.apply(connection, ends, now)
    still = [row.message_id for row in rows if row.state != "claimed"]
    moves.blank_payloads(connection, _with_payload(connection, still), now)
    for part in chunks([row.message_id for row in rows if row.state == "claimed"], _CHUNK):
        mine = update(messages).where(messages.c.message_id.in_(part))
        connection.execute(mine.values(blocked_by=REASON))
    return len(unsent)


def forget_contexts(connection: Connection, person_ids: Collection[str]) -> None:
    """Remove what was to be told with hand-overs of these persons."""
    for part in chunks(sorted(person_ids), _CHUNK):
        for table in (contexts, context_keys):
            connection.execute(delete(table).where(table.c.person_id.in_(part)))


def forget_rows(
    connection: Connection,
    row_keys: Collection[str],
    handles: Collection[str],
    kept: Collection[tuple[str, str]],
) -> None:
    """Remove what is known of rows in tools, but for syncs (`kept`, with destination) to take back.

    Rows are found by their keys, and by handles of which a part is one of the values.
    """
    rows = _rows_of(connection, row_keys, handles)
    for row in rows:
        if (row.sync, row.destination) in kept and row.is_held:
            continue
        connection.execute(
            delete(sync_rows).where(
                sync_rows.c.sync == row.sync,
                sync_rows.c.destination == row.destination,
                sync_rows.c.row_key == row.row_key,
            )
        )
    for part in chunks(sorted({*row_keys, *(row.row_key for row in rows)}), _CHUNK):
        named = destination_identities.c.row_key.in_(part)
        connection.execute(delete(destination_identities).where(named))


def told(
    connection: Connection,
    node_ids: Collection[str],
    row_keys: Collection[str],
    handles: Collection[str],
) -> set[str]:
    """The destinations that were told something of the person, or may have been."""
    found = {row.destination for row in _rows_of(connection, row_keys, handles)}
    for part in chunks(sorted(node_ids), _CHUNK):
        query = select(messages.c.destination).where(
            messages.c.node_id.in_(part),
            or_(messages.c.state.in_(_TOLD), messages.c.may_be_sent == true()),
        )
        found |= set(connection.execute(query.distinct()).scalars())
    return found


def has_claimed(connection: Connection, node_ids: Collection[str]) -> bool:
    """Whether a message to one of these nodes is on its way."""
    return any(
        connection.execute(
            select(messages.c.message_id)
            .where(messages.c.node_id.in_(part), messages.c.state == "claimed")
            .limit(1)
        ).first()
        for part in chunks(sorted(node_ids), _CHUNK)
    )


def sever(connection: Connection, node_ids: Collection[str]) -> None:
    """Let messages and statements belong to nobody any more: the ledgers keep their ids."""
    own: dict[str, Any] = {"node_id": NOBODY, "contact_point_id": None, "address_node_id": None}
    for part in chunks(sorted(node_ids), _CHUNK):
        mine = update(messages).where(messages.c.node_id.in_(part))
        connection.execute(mine.values(person_id=NOBODY, **own))
        said = update(statements).where(statements.c.node_id.in_(part))
        connection.execute(said.values(node_id=NOBODY, contact_point_id=NOBODY))


def states_of_calls(connection: Connection, erasure_id: str) -> dict[str, dict[str, int]]:
    """Per destination of an erasure's calls, how many are in which state."""
    query = (
        select(messages.c.destination, messages.c.state, func.count())
        .where(messages.c.instance_id == erasure_id, messages.c.journey == JOURNEY)
        .group_by(messages.c.destination, messages.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for destination, state, count in connection.execute(query):
        found.setdefault(destination, {})[state] = count
    return found


def _rows_of(
    connection: Connection, row_keys: Collection[str], handles: Collection[str]
) -> Sequence[Row[Any]]:
    """Rows of syncs by their keys, or by handles of which a part is one of the values."""
    rows = [
        row
        for part in chunks(sorted(row_keys), _CHUNK)
        for row in connection.execute(select(sync_rows).where(sync_rows.c.row_key.in_(part)))
    ]
    values = {value.casefold() for value in handles}
    if values:
        named = select(sync_rows).where(sync_rows.c.handle.is_not(None))
        rows += [
            row
            for row in connection.execute(named)
            if not values.isdisjoint(row.handle.casefold().split(SEPARATOR))
        ]
    return list(dict.fromkeys(rows))


def _with_payload(connection: Connection, message_ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for part in chunks(message_ids, _CHUNK):
        query = select(payloads.c.message_id).where(
            payloads.c.message_id.in_(part), payloads.c.blanked_at.is_(None)
        )
        found += connection.execute(query).scalars()
    return found


_OPEN = select(erasures.c.node_ids, erasures.c.person_ids).where(erasures.c.done_at.is_(None))
