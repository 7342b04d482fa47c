"""How sending goes of late, and the opt-outs that tools have not been told. Times by the journal's.

Counts and times only: no ids of messages, no addresses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from baton.journal.rules import END_OF_BLOCK, LANES, UNSENT, State
from baton.journal.schema import address_blocks, attempts, message_events, messages, sync_runs

FAILED: tuple[State, ...] = ("bounced", "dead", "unknown")
_WENT: tuple[State, ...] = ("accepted", "delivered")
_MOST_WAITS = 10_000


@dataclass(frozen=True)
class Untold:
    """Opt-outs that a destination has not been told, and when the oldest of them was recorded.

    `by` is the sync that should tell it, or `messages` for those of the lane `opt_out`.
    """

    destination: str
    by: str
    count: int
    oldest_at: datetime


def ended_since(connection: Connection, at: datetime) -> dict[str, dict[str, int]]:
    """Messages that came to an end since then, per destination and state."""
    ended = _changed_since(connection, at, (*_WENT, *FAILED))
    by = (messages.c.destination, messages.c.state)
    found: dict[str, dict[str, int]] = {}
    for name, state, count in connection.execute(
        select(*by, func.count()).where(ended).group_by(*by)
    ):
        found.setdefault(name, {})[state] = count
    return found


def waits_since(connection: Connection, at: datetime) -> list[float]:
    """Seconds from hand-over to claim of the latest 10,000 messages accepted since then, sorted."""
    query = (
        select(messages.c.handed_at, attempts.c.claimed_at)
        .join(attempts, attempts.c.attempt_id == messages.c.attempt_id)
        .where(_changed_since(connection, at, _WENT))
        .order_by(messages.c.changed_at.desc())
        .limit(_MOST_WAITS)
    )
    return sorted(
        (claimed - handed).total_seconds() for handed, claimed in connection.execute(query)
    )


def _changed_since(
    connection: Connection, at: datetime, states: Sequence[State]
) -> ColumnElement[bool]:
    """The condition on `messages` of those that came into one of these states since then.

    They are looked up by their events, which lie in the order of time: of all messages there may be
    millions, and an index by the time of the last change would be written with every change.
    """
    events = message_events.c
    earlier = select(events.seq).where(events.occurred_at < at)
    last = connection.execute(earlier.order_by(events.seq.desc()).limit(1)).scalar()
    recent = select(events.message_id).where(events.seq > (last or 0), events.state.in_(states))
    return and_(
        messages.c.message_id.in_(recent),
        messages.c.state.in_(states),
        messages.c.changed_at >= at,
    )


def untold_by_messages(connection: Connection) -> list[Untold]:
    """Unsent messages that tell a tool of an opt-out, per destination."""
    query = (
        select(messages.c.destination, func.count(), func.min(messages.c.handed_at))
        .where(messages.c.lane == LANES["opt_out"], messages.c.state.in_(UNSENT))
        .group_by(messages.c.destination)
    )
    return [Untold(name, "messages", n, at) for name, n, at in connection.execute(query)]


def untold_by_sync(connection: Connection, sync: str, destination: str) -> Untold | None:
    """The noes recorded since the last run of a sync of suppressions that told all it had."""
    is_mine = sync_runs.c.sync == sync, sync_runs.c.destination == destination
    told_all = or_(sync_runs.c.state == "done", sync_runs.c.reason == "rows_refused")
    last = connection.execute(select(func.max(sync_runs.c.started_at)).where(*is_mine, told_all))
    since = last.scalar()
    later: Sequence[Any] = () if since is None else (address_blocks.c.recorded_at > since,)
    noes = address_blocks.c.kind.not_like(f"{END_OF_BLOCK}%"), *later
    query = select(func.count(), func.min(address_blocks.c.recorded_at)).where(*noes)
    count, oldest = connection.execute(query).one()
    return Untold(destination, sync, count, oldest) if count else None
