"""What a claim could find: messages that are ready by their own row, or whose time is over.

The statements are built once for what is stopped and withdrawn; both change rarely.
"""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy import func as sql

from baton.journal.clock import wall_clock
from baton.journal.records import ClaimOrder
from baton.journal.releases import not_withdrawn, withdrawn
from baton.journal.rules import UNSENT
from baton.journal.schema import attempts, messages, payloads
from baton.journal.switches import Stops, not_stopped, stops

_PAGE = 200
_SPARE = 10
_KEPT = 16
_DESTINATION = bindparam("destination", type_=messages.c.destination.type)


def pages(
    connection: Connection,
    destination: str,
    limit: int,
    now: datetime,
    order: ClaimOrder,
    *,
    among: Sequence[str] | None = None,
) -> Generator[Sequence[Row[Any]]]:
    """The ready messages of a destination in their turn, with payloads; `among` some ids only."""
    query = _in_turn(stops(connection), withdrawn(connection), is_among=among is not None)
    values = _values(now, order.checked_within_minutes)
    values |= {"destination": destination, "among": list(among or ())}
    paged = {"yield_per": min(limit + _SPARE, _PAGE)}
    with connection.execute(query, values, execution_options=paged) as result:
        yield from result.partitions()


def over(connection: Connection, destination: str, now: datetime) -> Sequence[Row[Any]]:
    """The unsent messages of a destination whose time is over."""
    return connection.execute(_OVER, {"destination": destination, "now": now}).all()


def is_due(
    connection: Connection, destination: str, now: datetime, checked_within_minutes: float
) -> bool:
    """Whether a message of a destination is ready by its own row, or its time is over."""
    query = _is_due(stops(connection), withdrawn(connection))
    values = _values(now, checked_within_minutes) | {"destination": destination}
    return bool(connection.execute(query, values).scalar())


def due(connection: Connection, now: datetime, checked_within_minutes: float) -> set[str]:
    """The destinations with a message that is ready by its own row, or with a job to ask for."""
    query = _due(stops(connection), withdrawn(connection))
    values = _values(now, checked_within_minutes)
    asked = connection.execute(_WITH_JOB, {"wall": wall_clock()}).scalars()
    return {*connection.execute(query, values).scalars(), *asked}


def _values(now: datetime, checked_within_minutes: float) -> dict[str, Any]:
    return {"now": now, "oldest": now - timedelta(minutes=checked_within_minutes)}


@lru_cache(_KEPT)
def _in_turn(stopped: Stops, gone: frozenset[str], *, is_among: bool) -> Select[Any]:
    turn = (messages.c.lane, messages.c.priority.desc(), messages.c.message_id)
    some = [messages.c.message_id.in_(bindparam("among", expanding=True))] if is_among else []
    query = select(messages, payloads.c.address, payloads.c.variables).join_from(messages, payloads)
    return query.where(*_ready(_DESTINATION, stopped, gone), *some).order_by(*turn)


@lru_cache(_KEPT)
def _is_due(stopped: Stops, gone: frozenset[str]) -> Select[Any]:
    return select(_has_work(_DESTINATION, stopped, gone))


@lru_cache(_KEPT)
def _due(stopped: Stops, gone: frozenset[str]) -> Select[Any]:
    names = _destinations()
    return select(names.c.name).where(_has_work(names.c.name, stopped, gone))


def _destinations() -> CTE:
    """The names, each found by one step in the index: messages are many, destinations few."""
    least = sql.min(messages.c.destination)
    names = select(least.label("name")).cte("names", recursive=True)
    after = select(least).where(messages.c.destination > names.c.name).scalar_subquery()
    return names.union_all(select(after).where(names.c.name.is_not(None)))


def _has_work(
    destination: ColumnElement[str], stopped: Stops, gone: frozenset[str]
) -> ColumnElement[bool]:
    ready = exists().where(*_ready(destination, stopped, gone))
    return or_(ready, exists().where(*_is_over(destination)))


def _ready(
    destination: ColumnElement[str], stopped: Stops, gone: frozenset[str]
) -> list[ColumnElement[bool]]:
    return [
        messages.c.destination == destination,
        messages.c.is_claimable == true(),
        messages.c.blocked_by.is_(None),
        messages.c.checked_at >= bindparam("oldest"),
        or_(messages.c.next_try_at.is_(None), messages.c.next_try_at <= bindparam("now")),
        *not_stopped(stopped),
        *not_withdrawn(gone),
    ]


def _is_over(destination: ColumnElement[str]) -> list[ColumnElement[bool]]:
    return [
        messages.c.destination == destination,
        messages.c.state.in_(UNSENT),
        messages.c.expires_at <= bindparam("now"),
    ]


_OVER = (
    select(messages.c.message_id, messages.c.may_be_sent)
    .where(*_is_over(_DESTINATION))
    .order_by(messages.c.message_id)
)
_WITH_JOB = (
    select(attempts.c.destination).where(attempts.c.job_due_wall_at <= bindparam("wall")).distinct()
)
