"""Rules of the flat policies: quiet hours, holdouts, slots, caps, weights, limits, promises."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from baton.cards.durations import duration_fault
from baton.cards.hints import name_hint
from baton.cards.policies import Policy, PolicyLine, column_faults
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary
from baton.cards.words import NAME_PATTERN, PURPOSES

_Fault = tuple[str, str] | None
_Rule = Callable[[str, Vocabulary], _Fault]

_CALENDAR = ("calendar day", "calendar week", "calendar month")
_LIMITS = (
    "person_per_day",
    "journey_per_hour_most",
    "journey_per_hour_least",
    "journey_per_hour_factor",
    "bounce_percent",
    "complaint_percent",
    "outcome_least",
    "outcome_hours",
    "mix_percent",
    "signal_factor",
    "drift_least",
)


@dataclass(frozen=True)
class _Table:
    """A policy: the rule of each column, and the columns that name a row."""

    columns: Mapping[str, _Rule]
    key: tuple[str, ...]


def contest_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of columns and rows; none for a policy that is not of the contest."""
    table = _TABLES.get(policy.name)
    if table is None or not policy.columns:
        return
    yield from column_faults(policy, tuple(table.columns), policy.name)
    if not set(table.columns) <= set(policy.columns):
        return
    for line in (line for line in policy.lines if line.fits):
        yield from _cell_faults(policy.name, table, line, vocabulary)
    yield from _repeated(policy, table.key)


def _cell_faults(
    name: str, table: _Table, line: PolicyLine, vocabulary: Vocabulary
) -> Iterator[Found]:
    for column, rule in table.columns.items():
        fault = rule(line.cells[column], vocabulary)
        if fault:
            written = line.cells[column]
            message = f"`{column}` {fault[0]}: `{written}`" if written else f"no `{column}`"
            yield Found(f"{name}_bad_{column}", line.line, message, fault[1])


def _repeated(policy: Policy, key: tuple[str, ...]) -> Iterator[Found]:
    first: dict[tuple[str, ...], int] = {}
    for line in policy.lines:
        own = tuple(line.cells[column] for column in key)
        if own in first:
            mend = f"keep one; the first stands on line {first[own]}"
            message = f"a row is given twice: {', '.join(key)}"
            yield Found(f"{policy.name}_twice", line.line, message, mend)
        first.setdefault(own, line.line)


def _name(written: str, _: Vocabulary) -> _Fault:
    if re.fullmatch(NAME_PATTERN, written):
        return None
    return "is not a name", "use small letters, digits and `_`, starting with a letter"


def _words(written: str, _: Vocabulary) -> _Fault:
    return None if written.strip() else ("is empty", "write any word that stays the same")


def _one_of(known: Callable[[Vocabulary], Collection[str]], *, blank: bool = False) -> _Rule:
    def rule(written: str, vocabulary: Vocabulary) -> _Fault:
        names = known(vocabulary)
        if written in names or (blank and not written):
            return None
        return "is none Baton knows", name_hint(
            written, names, "leave it blank for any" if blank else "take the row out"
        )

    return rule


def _word_of(*words: str, blank: bool = False) -> _Rule:
    return _one_of(lambda _: words, blank=blank)


def _duration(written: str, _: Vocabulary) -> _Fault:
    fault = duration_fault(written)
    return (fault[1], fault[2]) if fault else None


def _period(written: str, vocabulary: Vocabulary) -> _Fault:
    if written in _CALENDAR:
        return None
    fault = _duration(written, vocabulary)
    return fault and (fault[0], f"{fault[1]}, or one of {', '.join(_CALENDAR)}")


def _local_time(written: str, _: Vocabulary) -> _Fault:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", written):
        return None
    return "is no local time", "write hours and minutes, such as 21:00"


def _number(written: str, *, least: float, most: float, mend: str) -> _Fault:
    is_number = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", written)
    return (
        None
        if is_number and least <= float(written) <= most
        else ("is no number in its range", mend)
    )


def _share(written: str, _: Vocabulary) -> _Fault:
    return _number(written, least=0, most=100, mend="write percent, from 0 to 100")


def _weight(written: str, _: Vocabulary) -> _Fault:
    return _number(written, least=1e-6, most=1e9, mend="write a number above 0, such as 1.5")


def _count(written: str, _: Vocabulary) -> _Fault:
    mend = "write a whole number from 0 on"
    return None if re.fullmatch(r"[0-9]{1,9}", written) else ("is no count", mend)


_channel = _one_of(lambda known: known.channels)
_any_channel = _one_of(lambda known: known.channels, blank=True)
_messaged = _one_of(
    lambda known: {cells.get("channel", "") for cells in known.actions.values()}, blank=True
)
_any_action = _one_of(lambda known: known.actions, blank=True)
_any_class = _word_of(*PURPOSES, blank=True)
_guard = _one_of(lambda known: known.guards)


def _any_name(written: str, vocabulary: Vocabulary) -> _Fault:
    return _name(written, vocabulary) if written else None


_TABLES = {
    "quiet_hours": _Table(
        {
            "channel": _channel,
            "class": _any_class,
            "days": _word_of("all", "weekdays", "weekends"),
            "from_time": _local_time,
            "until_time": _local_time,
        },
        ("channel", "class", "days", "from_time"),
    ),
    "holdouts": _Table(
        {
            "holdout": _name,
            "journey": _any_name,
            "class": _any_class,
            "share": _share,
            "salt": _words,
        },
        ("holdout",),
    ),
    "slots": _Table(
        {"scope": _word_of("group", "channel"), "name": _name, "length": _duration},
        ("scope", "name"),
    ),
    "caps": _Table(
        {
            "cap": _name,
            "channel": _any_channel,
            "class": _any_class,
            "journey": _any_name,
            "brand": _any_name,
            "period": _period,
            "most": _count,
            "when_full": _word_of("drop", "wait", "next_channel"),
        },
        ("cap",),
    ),
    "levers": _Table(
        {
            "scope": _word_of("journey", "action", "class", "conflict_group"),
            "name": _name,
            "lever": _weight,
        },
        ("scope", "name"),
    ),
    "context_weights": _Table(
        {"guard": _guard, "action": _any_action, "class": _any_class, "weight": _weight},
        ("guard", "action", "class"),
    ),
    "limits": _Table({"name": _word_of(*_LIMITS), "most": _weight}, ("name",)),
    "latency_promises": _Table({"channel": _messaged, "p95_s": _weight}, ("channel",)),
}
