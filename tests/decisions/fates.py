"""What becomes of messages between two passes: random events, as the journal would tell them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from reference.decisions.candidates import Candidate
from reference.decisions.records import Event

from .words import HALF_HOUR, chance

_NEXT: Mapping[str | None, Sequence[str]] = {
    None: ("pending", "pending", "pending", "held", "claimed"),
    "pending": ("claimed", "claimed", "claimed", "held", "cancelled"),
    "held": ("pending", "pending", "cancelled"),
    "claimed": ("accepted", "accepted", "accepted", "retry", "unknown", "rejected", "delivered"),
    "retry": ("claimed", "claimed", "dead", "held"),
    "unknown": ("accepted", "delivered", "dead"),
    "accepted": ("delivered", "bounced", "delivered"),
    "rejected": ("dead",),
}
_CALLED_BACK: Mapping[str | None, Sequence[str]] = {
    **_NEXT,
    None: ("held", "held", "held", "claimed"),
    "pending": ("held", "held", "held", "cancelled", "claimed"),
    "held": ("held", "held", "cancelled", "claimed"),
}


def events(
    candidate: Candidate, known: Sequence[Event], since: datetime, until: datetime, window: int
) -> Iterator[Event]:
    """Yield what happens to a candidate's message after a pass, up to the next one."""
    pick = chance(f"{candidate.message_id} {window}")
    state = known[-1].state if known else None
    halves = int((until - since) / HALF_HOUR)
    count = pick.choice([0, 0, 1, 1, 2, 3, 4])
    following = _NEXT if candidate.goes_out else _CALLED_BACK
    for half in sorted(pick.randint(0, halves) for _ in range(count)):
        choices = following.get(state, ())
        if not choices:
            return
        state = pick.choice(choices)
        yield Event(candidate.message_id, state, since + half * HALF_HOUR, window)


def by_message(known: Sequence[Event]) -> dict[str, list[Event]]:
    """Return events by message, in their order."""
    in_order = sorted(known, key=lambda one: one.message_id)
    return {name: list(rows) for name, rows in groupby(in_order, lambda one: one.message_id)}
