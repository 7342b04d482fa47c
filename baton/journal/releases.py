"""Release activations: an append-only log, and what a withdrawal means for messages."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from baton.errors import UsageError
from baton.journal.clock import require_naive
from baton.journal.records import Activation
from baton.journal.rules import UNSENT
from baton.journal.schema import messages, release_activations

_KINDS = ("activate", "withdraw")


def record_activation(
    connection: Connection,
    release_id: str,
    *,
    kind: str,
    active_from: datetime,
    by: str,
    approved_by: str | None,
    reason: str,
    at: datetime,
) -> int:
    """Append one entry and return its seq. Raises UsageError for another kind, or no reason."""
    require_naive(active_from, "active_from")
    if kind not in _KINDS or not reason.strip():
        raise UsageError(
            f"a release cannot be recorded as {kind!r} for the reason {reason!r}",
            where=f"release {release_id}",
            mend=f"use one of {', '.join(_KINDS)}, and say why",
        )
    entry = release_activations.insert().values(
        release_id=release_id,
        kind=kind,
        active_from=active_from,
        set_by=by,
        approved_by=approved_by,
        reason=reason,
        recorded_at=at,
    )
    return connection.execute(entry.returning(release_activations.c.seq)).scalar_one()


def activations(connection: Connection) -> list[Activation]:
    """The whole log, oldest first."""
    rows = connection.execute(select(release_activations).order_by(release_activations.c.seq))
    return [Activation(**row) for row in rows.mappings()]


def withdrawn(connection: Connection) -> frozenset[str]:
    """The releases whose newest entry is a withdrawal."""
    return frozenset(connection.execute(_WITHDRAWN).scalars())


def not_withdrawn(gone: Collection[str]) -> list[ColumnElement[bool]]:
    """The conditions on `messages` under which none of these withdrawals holds them."""
    return [messages.c.release_id.not_in(sorted(gone))] if gone else []


def unsent_of(connection: Connection, release_id: str) -> dict[str, int]:
    """How many messages of a release are `unsent`, and `claimed`, that is on their way."""
    query = select(messages.c.state, func.count()).where(messages.c.release_id == release_id)
    counts = {row[0]: row[1] for row in connection.execute(query.group_by(messages.c.state))}
    unsent = sum(counts.get(state, 0) for state in UNSENT)
    return {"unsent": unsent, "claimed": counts.get("claimed", 0)}


_NEWEST = select(func.max(release_activations.c.seq)).group_by(release_activations.c.release_id)
_WITHDRAWN = select(release_activations.c.release_id).where(
    release_activations.c.seq.in_(_NEWEST), release_activations.c.kind == "withdraw"
)
