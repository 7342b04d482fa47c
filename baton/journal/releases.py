"""Release activations: an append-only log."""

from datetime import datetime

from sqlalchemy import Connection, select

from baton.errors import UsageError
from baton.journal.clock import require_naive
from baton.journal.records import Activation
from baton.journal.schema import release_activations

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
