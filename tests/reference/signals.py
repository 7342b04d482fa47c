"""What journeys listen to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from baton.ids import make_id

from .identifiers import hub_of
from .records import Case, MessageEvent, Record, WebEvent

_OF_MESSAGE = {
    "accepted": "message_accepted",
    "bounced": "message_failed",
    "dead": "message_failed",
}
_OF_WEB = frozenset({"quote_started", "quote_submitted"})


@dataclass(frozen=True)
class Signal:
    """One event under the name a card uses. `key` is None when it concerns all instances."""

    name: str
    event_id: str
    node_id: str
    key: str | None
    occurred_at: datetime
    loaded_at: datetime


def signals(records: Iterable[Record]) -> list[Signal]:
    """Return the signals, each source event once, as it was first loaded."""
    found: dict[tuple[str, str], Signal] = {}
    for record in sorted(records, key=lambda record: record.load.seq):
        signal = _of(record)
        if signal:
            found.setdefault((signal.name, signal.event_id), signal)
    return list(found.values())


def _of(record: Record) -> Signal | None:
    match record:
        case WebEvent() if record.event in _OF_WEB:
            key = record.properties.get("quote_id")
            event = _Event("web.events", record.event_id, record.occurred_at)
            return _signal(record, record.event, event, None if key is None else str(key))
        case Case(opened_at=datetime() as opened_at, is_deleted=False):
            event = _Event("service.cases", record.case_id, opened_at, "opened")
            return _signal(record, "case_opened", event, None)
        case MessageEvent(state="accepted" | "bounced" | "dead"):
            about = record.message_id
            event = _Event("journal.message_events", about, record.occurred_at, record.state)
            return _signal(record, _OF_MESSAGE[record.state], event, about)
        case _:
            return None


@dataclass(frozen=True)
class _Event:
    source: str
    name: str
    at: datetime
    what: str | None = None

    @property
    def id(self) -> str:
        return make_id("event", self.source, self.name, *([self.what] if self.what else []))


def _signal(record: Record, name: str, event: _Event, key: str | None) -> Signal | None:
    node_id = record.node_id if isinstance(record, MessageEvent) else hub_of(record)
    if node_id is None:
        return None
    loaded_at = record.load.at
    return Signal(name, event.id, node_id, key, min(event.at, loaded_at), loaded_at)
