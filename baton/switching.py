"""Stopping and resuming, as commands and jobs do it: the switch, and what waits under it."""

from typing import Any

from baton.errors import UsageError
from baton.journal import Journal
from baton.journal.lifting import Held
from baton.limits import BY

Facts = dict[str, Any]
Scoped = tuple[str, str | None]


def stop(journal: Journal, meant: Scoped, *, reason: str, by: str) -> Facts:
    """Stop a scope, in force from its commit; returns what waits under it and what is stopped.

    Raises `UsageError` for an unknown scope, and without a name or a reason.
    """
    journal.stop(*meant, reason=reason, by=by)
    return {
        "stop": _named(meant),
        "waiting": journal.waiting_of(*meant),
        "stopped": _standing(journal),
    }


def resume(
    journal: Journal, meant: Scoped, *, reason: str, by: str, held: Held | None = None
) -> Facts:
    """Lift a stop, and do with what waits as `held` says; returns what was lifted and became of it.

    Raises `UsageError` as `stop` does, and where something waits and nobody says what becomes of
    it.
    """
    waiting = journal.waiting_of(*meant)
    if waiting and held is None:
        raise UsageError(
            f"{said_of(waiting)}, and it is not said what becomes of them",
            where=" ".join(filter(None, meant)),
            mend="--held release has them decided again; or --held cancel, --held keep",
        )
    lifted = [one for one in journal.switches() if (one.scope, one.value) == meant]
    fate = held or "release"
    count = journal.resume(*meant, reason=reason, by=by, held=fate)
    return {
        "resume": _named(meant),
        "lifted": [{"reason": one.reason, "by": one.set_by} for one in lifted],
        "counts_anew": any(one.set_by == BY for one in lifted),
        "waiting": waiting,
        "messages": {fate: count},
        "stopped": _standing(journal),
    }


def said_of(waiting: dict[str, int]) -> str:
    """Return how many messages wait, and for what."""
    why = ", ".join(f"{count} {reason}" for reason, count in waiting.items())
    return f"{sum(waiting.values())} messages wait ({why})"


def _named(meant: Scoped) -> Facts:
    return dict(zip(("scope", "value"), meant, strict=True))


def _standing(journal: Journal) -> list[Facts]:
    """What is stopped now, and why."""
    return [
        {"scope": one.scope, "value": one.value, "reason": one.reason} for one in journal.switches()
    ]
