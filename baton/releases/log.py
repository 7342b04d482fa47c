"""The log of activations: what stands, what is live, and how entries are made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypedDict

from baton.errors import UsageError
from baton.journal import Activation

State = Literal["live", "stands", "withdrawn", "never activated"]


class Signature(TypedDict):
    """Who does something, who approved, and why."""

    by: str
    approved_by: str | None
    reason: str


class ActivationLog(Protocol):
    """The part of the journal that activations need."""

    def record_activation(
        self,
        release_id: str,
        *,
        kind: str,
        active_from: datetime,
        by: str,
        approved_by: str | None,
        reason: str,
    ) -> int:
        """Append `activate` or `withdraw` of a release and return its sequence number."""
        ...


def standing_releases(activations: Iterable[Activation]) -> tuple[str, ...]:
    """Return the releases that are not withdrawn, each once, the one activated last at the end.

    A withdrawal takes back all earlier activations of its release.
    """
    standing: dict[str, None] = {}
    for entry in sorted(activations, key=lambda one: one.seq):
        standing.pop(entry.release_id, None)
        if entry.kind == "activate":
            standing[entry.release_id] = None
    return tuple(standing)


def live_release(activations: Iterable[Activation]) -> str | None:
    """Return the release whose activation is the latest that stands, None when none does."""
    standing = standing_releases(activations)
    return standing[-1] if standing else None


def state_of(release_id: str, activations: Sequence[Activation]) -> State:
    """Return whether the release is live, stands, was withdrawn, or never activated."""
    standing = standing_releases(activations)
    if release_id in standing:
        return "live" if release_id == standing[-1] else "stands"
    is_logged = any(entry.release_id == release_id for entry in activations)
    return "withdrawn" if is_logged else "never activated"


def activate(
    journal: ActivationLog,
    release_id: str,
    *,
    active_from: datetime,
    by: str,
    approved_by: str | None,
    reason: str,
) -> int:
    """Record that the release is live from `active_from` (naive UTC); return the log's sequence.

    Raises UsageError when it is not said who activates it, or why.
    """
    signed = require_signed(release_id, by=by, approved_by=approved_by, reason=reason)
    return journal.record_activation(release_id, kind="activate", active_from=active_from, **signed)


def take_back(
    journal: ActivationLog,
    release_id: str,
    *,
    at: datetime,
    by: str,
    approved_by: str | None,
    reason: str,
) -> int:
    """Record that the release is withdrawn at `at` (naive UTC); return the log's sequence.

    Raises UsageError when it is not said who withdraws it, or why.
    """
    signed = require_signed(release_id, by=by, approved_by=approved_by, reason=reason)
    return journal.record_activation(release_id, kind="withdraw", active_from=at, **signed)


def resolve(written: str | None, known: Iterable[str], live: str | None) -> str:
    """Return the one known release whose id starts so; the live one when nothing is written.

    Raises UsageError when there is none, or several.
    """
    if written is None:
        if live is None:
            mend = "name the release; `baton release list` shows them"
            raise UsageError("no release is live", where="journal", mend=mend)
        return live
    found = sorted({one for one in known if one.startswith(written)})
    if len(found) != 1:
        what = "no release is called" if not found else "several releases have an id that starts"
        raise UsageError(
            f"{what} {written}", where="release", mend="`baton release list` shows their ids"
        )
    return found[0]


def require_signed(release_id: str, *, by: str, approved_by: str | None, reason: str) -> Signature:
    """Return who and why. Raises UsageError when one of them is blank."""
    if not by.strip() or not reason.strip():
        mend = "say who does it and why; both stay on record"
        raise UsageError("an activation without a name or a reason", where=release_id, mend=mend)
    return {"by": by, "approved_by": approved_by, "reason": reason}
