"""Signals and guards of the repository's project, told from its source records.

Orders and memberships are not among the records, so nobody is a recent buyer or due to renew.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from baton.ids import make_id

from .guards import Interval
from .identifiers import hub_of
from .records import Case, ChatMessage, MessageEvent, Record, WebEvent
from .signals import END_OF_TIME, Signal, once

# As they stand in the project's `signals.sql`.
HAND_LIST = (
    "quote_started",
    "quote_submitted",
    "case_opened",
    "message_failed",
    "message_accepted",
    "order_placed",
    "product_viewed",
    "help_viewed",
    "chat_asked",
    "comparison_asked",
    "bot_answered",
    "bot_failed",
    "bot_handed_over",
    "agent_answered",
    "agent_asked_again",
)
_OF_MESSAGE = {
    "accepted": "message_accepted",
    "bounced": "message_failed",
    "dead": "message_failed",
}
_OF_WEB = {
    "quote_started": "quote_started",
    "quote_submitted": "quote_submitted",
    "product_view": "product_viewed",
}
_OF_CHAT: Mapping[tuple[str | None, str | None], str] = {
    ("customer", None): "chat_asked",
    ("customer", "comparison_question"): "comparison_asked",
    ("bot", "answer"): "bot_answered",
    ("bot", "not_understood"): "bot_failed",
    ("bot", "handover"): "bot_handed_over",
    ("agent", None): "agent_answered",
    ("agent", "ask_detail"): "agent_asked_again",
}
_HIGH_VALUE = 500


def signals(records: Iterable[Record]) -> list[Signal]:
    """Return the signals, each source event once under each name, as it was first loaded."""
    in_order = sorted(records, key=lambda one: one.load.seq)
    return once(signal for record in in_order for signal in _signals_of(record))


def intervals(records: Iterable[Record]) -> list[Interval]:
    """Return the intervals of all guards."""
    records = list(records)
    return [*_open_cases(records), *_high_values(records)]


def _signals_of(record: Record) -> Iterator[Signal]:
    match record:
        case WebEvent():
            event = _Event("web.events", record.event_id, record.occurred_at)
            yield from _signal(record, _web_name(record), event, _quote(record))
        case ChatMessage():
            event = _Event("chat.messages", record.message_id, record.occurred_at)
            for intent in {None, record.intent}:
                yield from _signal(record, _OF_CHAT.get((record.author, intent)), event)
        case Case(opened_at=datetime() as opened_at, is_deleted=False):
            event = _Event("service.cases", record.case_id, opened_at, "opened")
            yield from _signal(record, "case_opened", event)
        case MessageEvent(state="accepted" | "bounced" | "dead"):
            about = record.message_id
            event = _Event("journal.message_events", about, record.occurred_at, record.state)
            yield from _signal(record, _OF_MESSAGE[record.state], event, about)
        case _:
            pass


def _web_name(event: WebEvent) -> str | None:
    is_help = str(event.properties.get("path", "")).startswith("/help/")
    if event.event == "page_view":
        return "help_viewed" if is_help else None
    return _OF_WEB.get(event.event)


def _quote(event: WebEvent) -> str | None:
    key = event.properties.get("quote_id") if event.event.startswith("quote_") else None
    return None if key is None else str(key)


@dataclass(frozen=True)
class _Event:
    source: str
    name: str
    at: datetime
    what: str | None = None

    @property
    def id(self) -> str:
        return make_id("event", self.source, self.name, *([self.what] if self.what else []))


def _signal(
    record: Record, name: str | None, event: _Event, key: str | None = None
) -> Iterator[Signal]:
    node_id = record.node_id if isinstance(record, MessageEvent) else hub_of(record)
    if node_id and name:
        loaded_at = record.load.at
        yield Signal(name, event.id, node_id, key, min(event.at, loaded_at), loaded_at)


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
