"""Signals and guards of the repository's project, told from its source records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from baton.ids import make_id

from .guards import Interval
from .identifiers import hub_of
from .records import Case, MessageEvent, Record, WebEvent
from .signals import END_OF_TIME, Signal, once

# As they stand in the project's `signals.sql`.
HAND_LIST = (
    "quote_started",
    "quote_submitted",
    "case_opened",
    "message_failed",
    "message_accepted",
)
_OF_MESSAGE = {
    "accepted": "message_accepted",
    "bounced": "message_failed",
    "dead": "message_failed",
}
_OF_WEB = frozenset({"quote_started", "quote_submitted"})
_HIGH_VALUE = 500


def signals(records: Iterable[Record]) -> list[Signal]:
    """Return the signals, each source event once, as it was first loaded."""
    heard = (_signal_of(record) for record in sorted(records, key=lambda one: one.load.seq))
    return once(signal for signal in heard if signal)


def intervals(records: Iterable[Record]) -> list[Interval]:
    """Return the intervals of all guards."""
    records = list(records)
    return [*_open_cases(records), *_high_values(records)]


def _signal_of(record: Record) -> Signal | None:
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


def _open_cases(records: Iterable[Record]) -> Iterator[Interval]:
    last: dict[str, Case] = {}
    for case in records:
        if isinstance(case, Case):
            known = last.get(case.case_id)
            if known is None or _recency(known) < _recency(case):
                last[case.case_id] = case
    for case in last.values():
        node_id, since = hub_of(case), case.opened_at
        if node_id and since:
            loaded_at = case.load.at
            yield Interval("open_case", case.case_id, node_id, since, _end(case), loaded_at)


def _recency(case: Case) -> tuple[datetime, int]:
    return min(case.updated_at, case.load.at), case.load.seq


def _end(case: Case) -> datetime:
    if case.is_deleted and case.opened_at:
        return case.opened_at
    if case.status == "closed":
        return case.closed_at or min(case.updated_at, case.load.at)
    return END_OF_TIME


def _high_values(records: Iterable[Record]) -> Iterator[Interval]:
    for event in records:
        if isinstance(event, WebEvent) and event.event == "quote_started":
            node_id = hub_of(event)
            if node_id and _number(event.properties.get("value")) >= _HIGH_VALUE:
                since, loaded_at = min(event.occurred_at, event.load.at), event.load.at
                subject = make_id("event", "web.events", event.event_id)
                yield Interval("high_value", subject, node_id, since, END_OF_TIME, loaded_at)


def _number(written: object) -> float:
    try:
        return float(str(written))
    except ValueError:
        return float("-inf")
