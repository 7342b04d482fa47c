"""When something holds for an identifier: half-open intervals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .cards import Condition
from .identifiers import hub_of
from .records import Case, Record, WebEvent

END_OF_TIME = datetime(9999, 12, 31)
_HIGH_VALUE = 500


@dataclass(frozen=True)
class Interval:
    """A guard holds for a node from `since` to before `until`."""

    guard: str
    node_id: str
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def intervals(records: Iterable[Record]) -> list[Interval]:
    """Return the intervals of all guards."""
    records = list(records)
    return [*_open_cases(records), *_high_values(records)]


def first_hold(condition: Condition, held: Iterable[Interval], due: datetime) -> datetime | None:
    """Return the first instant from `due` on at which the condition holds, None if never."""
    held = list(held)
    edges = {edge for one in held for edge in (one.since, one.until)}
    for at in sorted({due, *(edge for edge in edges if due < edge < END_OF_TIME)}):
        if holds(condition, held, at):
            return at
    return None


def holds(condition: Condition, held: Iterable[Interval], at: datetime) -> bool:
    """Tell whether all wanted guards and none of the unwanted ones hold."""
    standing = {one.guard for one in held if one.holds(at)}
    return condition.wanted <= standing and not condition.unwanted & standing


def _open_cases(records: Iterable[Record]) -> Iterator[Interval]:
    latest: dict[str, Case] = {}
    for case in records:
        if isinstance(case, Case):
            known = latest.get(case.case_id)
            if known is None or _recency(known) < _recency(case):
                latest[case.case_id] = case
    for case in latest.values():
        node_id = hub_of(case)
        if node_id and case.opened_at:
            yield Interval("open_case", node_id, case.opened_at, _end(case))


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
                since = min(event.occurred_at, event.load.at)
                yield Interval("high_value", node_id, since, END_OF_TIME)


def _number(written: object) -> float:
    try:
        return float(str(written))
    except ValueError:
        return float("-inf")
