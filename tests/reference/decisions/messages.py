"""Messages as a pass counts them: in flight, sent and when, or neither."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from .candidates import Candidate
from .records import IN_FLIGHT_STATES, SENT_STATES, UNSENT_STATES, Event


class Message:
    """The message of a candidate, with the events it has had, the latest last."""

    def __init__(self, candidate: Candidate, events: Iterable[Event]) -> None:
        self.candidate = candidate
        self.message_id = candidate.message_id
        self.events: Sequence[Event] = [one for one in events if one.message_id == self.message_id]

    @property
    def state(self) -> str | None:
        """The latest state, None before any; what was claimed once counts as in retry."""
        latest = self.events[-1].state if self.events else None
        was_claimed = any(one.state == "claimed" for one in self.events)
        return "retry" if was_claimed and latest in ("pending", "held") else latest

    @property
    def is_unsent(self) -> bool:
        return self.state is None or self.state in UNSENT_STATES

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, None if it was not."""
        if self.state not in SENT_STATES:
            return None
        told = [one for one in self.events if one.state in ("accepted", "unknown")]
        return (told or self.events)[-1].occurred_at

    def may_be_called_back(self, now: datetime) -> bool:
        return self.is_unsent and self.candidate.goes_out and now < self.candidate.expires_at

    def is_in_flight(self, now: datetime) -> bool:
        """Tell whether it is in flight, if it is not a contestant itself."""
        return self.state in IN_FLIGHT_STATES or self.may_be_called_back(now)
