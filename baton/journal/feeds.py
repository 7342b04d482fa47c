"""The streams that flow back to the warehouse by cursor. No personal values in them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, literal, select, union_all

from baton.errors import UsageError
from baton.journal.schema import (
    erasures,
    identity_overrides,
    message_events,
    messages,
    release_activations,
    reviews,
    statements,
    switches,
    sync_outcomes,
    sync_requests,
    sync_runs,
)
from baton.journal.store import Store

_INNER = frozenset({"act_id", "decision_id", "recorded_wall_at"})
_HANDED_OVER = ("pending", "held", "cancelled", "claimed")
_STREAMS: dict[str, tuple[Select[Any], Any]] = {
    "message_events": (
        select(
            message_events.c.seq,
            message_events.c.message_id,
            messages.c.candidate_id,
            func.nullif(messages.c.node_id, "").label("node_id"),
            messages.c.contact_point_id,
            messages.c.journey,
            messages.c.action,
            messages.c.channel,
            messages.c.destination,
            messages.c.message_class.label("class"),
            message_events.c.state,
            message_events.c.reason,
            message_events.c.attempt_id,
            message_events.c.occurred_at,
            message_events.c.set_by,
            message_events.c.note,
        ).join_from(message_events, messages),
        message_events.c.seq,
    ),
    "switches": (select(switches), switches.c.seq),
    "activations": (select(release_activations), release_activations.c.seq),
    "sync_outcomes": (
        select(
            sync_outcomes.c.seq,
            sync_outcomes.c.request_id,
            sync_runs.c.run_id,
            sync_runs.c.sync,
            sync_runs.c.destination,
            sync_requests.c.op,
            cast(sync_outcomes.c.outcomes, String).label("outcomes"),
            sync_outcomes.c.occurred_at,
        )
        .join_from(sync_outcomes, sync_requests)
        .join(sync_runs),
        sync_outcomes.c.seq,
    ),
    "statements": (
        select(*[column for column in statements.c if column.name not in _INNER]),
        statements.c.seq,
    ),
    "erasures": (
        select(
            erasures.c.seq,
            erasures.c.erasure_id,
            cast(erasures.c.node_ids, String).label("node_ids"),
            cast(erasures.c.person_ids, String).label("person_ids"),
            erasures.c.erased_at,
        ),
        erasures.c.seq,
    ),
    "identity_overrides": (
        select(*[one for one in identity_overrides.c if one.name not in _INNER]),
        identity_overrides.c.seq,
    ),
    "reviews": (select(reviews), reviews.c.seq),
}


def feed(store: Store, stream: str, after: int, limit: int) -> list[dict[str, object]]:
    """Rows of a stream with `seq` above `after`, ascending; `seq` is never reused.

    None is read while a lower one may still be committed, so that a cursor skips nothing for good.
    Raises UsageError for an unknown stream, Busy while somebody keeps a transaction open.
    """
    if stream not in _STREAMS:
        raise UsageError(
            f"the journal has no stream {stream!r}",
            where="feed",
            mend=f"use one of {', '.join(_STREAMS)}",
        )
    query, seq = _STREAMS[stream]
    with store.read_settled(seq.table) as connection:
        last = connection.execute(select(func.max(seq))).scalar() or 0
    if last <= after:
        return []
    with store.read() as connection:
        new = query.where(seq > after, seq <= last).order_by(seq).limit(limit)
        return [dict(row) for row in connection.execute(new).mappings()]


def beyond(connection: Connection, known: Mapping[str, int]) -> set[str]:
    """The streams that have more than is known, as far as it is committed."""
    found = connection.execute(_LAST).all()
    return {stream for stream, last in found if (last or 0) > known.get(stream, 0)}


def has_news(connection: Connection, known: Mapping[str, int]) -> bool:
    """Whether a stream has more than is known, but for what a hand-over writes of messages."""
    return any(
        connection.execute(_beyond(stream, seq, known.get(stream, 0))).first() is not None
        for stream, (_, seq) in _STREAMS.items()
    )


_LAST = union_all(
    *(
        select(literal(stream).label("stream"), func.max(seq).label("last"))
        for stream, (_, seq) in _STREAMS.items()
    )
)


def _beyond(stream: str, seq: Any, last: int) -> Select[Any]:
    query = select(seq).where(seq > last).limit(1)
    if stream == "message_events":
        query = query.where(message_events.c.state.not_in(_HANDED_OVER))
    return query
