"""What arrives: one record of one table, on its way to a landing file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Arrival:
    """One record; `key` identifies it in its table. Times are naive UTC."""

    table: str
    key: str
    arrives_at: datetime
    values: Mapping[str, object]
    is_deletion: bool = False


def untied(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Move quote starts away from the very instant of an event that could end a journey.

    Whether an instance hears what happened at the instant of its entry is left open: the order of
    one instant is exit, goal, event, but a start and its submission that a source stamps alike
    are meant in that order.
    """
    ends = {_moment(one) for one in arrivals if _word(one) in {"quote_submitted", "case_opened"}}
    return [_nudged(one, ends) if _word(one) == "quote_started" else one for one in arrivals]


def _word(arrival: Arrival) -> object:
    return "case_opened" if arrival.table == "service.cases" else arrival.values.get("event")


def _moment(arrival: Arrival) -> object:
    return arrival.values.get("opened_at") or arrival.values.get("occurred_at")


def _nudged(arrival: Arrival, taken: Collection[object]) -> Arrival:
    at = arrival.values["occurred_at"]
    assert isinstance(at, datetime)
    while at in taken:
        at -= timedelta(microseconds=3)
    return replace(arrival, values={**arrival.values, "occurred_at": at})
