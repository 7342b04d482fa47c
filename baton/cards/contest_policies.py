"""Rules of the flat policies: quiet hours, holdouts, slots, caps, weights, limits, plans."""

import re
from collections.abc import Iterator

from baton.cards.cells import Fault, Table, name, number, one_of, table_faults, word_of, words
from baton.cards.durations import duration_fault
from baton.cards.policies import Policy
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary
from baton.cards.words import PURPOSES

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
_MEASURES = (
    "other_action",
    "newly_contacted",
    "no_longer_contacted",
    "no_longer_suppressed",
    "newly_suppressed",
    "repeated",
    "other_time",
    "breaking_models",
    "other_approvers",
    "report_age",
    "unplanned",
)
_UNITS = ("persons", "percent", "models", "cards", "hours", "activations")


def contest_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of columns and rows; none for a policy that is not of the contest."""
    table = _TABLES.get(policy.name)
    if table is not None:
        yield from table_faults(policy, table, vocabulary)


def _duration(written: str, _: Vocabulary) -> Fault:
    fault = duration_fault(written)
    return (fault[1], fault[2]) if fault else None


def _period(written: str, vocabulary: Vocabulary) -> Fault:
    if written in _CALENDAR:
        return None
    fault = _duration(written, vocabulary)
    return fault and (fault[0], f"{fault[1]}, or one of {', '.join(_CALENDAR)}")


def _local_time(written: str, _: Vocabulary) -> Fault:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", written):
        return None
    return "is no local time", "write hours and minutes, such as 21:00"


def _share(written: str, _: Vocabulary) -> Fault:
    return number(written, least=0, most=100, mend="write percent, from 0 to 100")


def _weight(written: str, _: Vocabulary) -> Fault:
    return number(written, least=1e-6, most=1e9, mend="write a number above 0, such as 1.5")


def _threshold(written: str, _: Vocabulary) -> Fault:
    mend = "write a number from 0 on, or leave it blank for never"
    return number(written, least=0, most=1e9, mend=mend) if written else None


def _count(written: str, _: Vocabulary) -> Fault:
    mend = "write a whole number from 0 on"
    return None if re.fullmatch(r"[0-9]{1,9}", written) else ("is no count", mend)


_channel = one_of(lambda known: known.channels)
_any_channel = one_of(lambda known: known.channels, blank=True)
_messaged = one_of(
    lambda known: {cells.get("channel", "") for cells in known.actions.values()}, blank=True
)
_any_action = one_of(lambda known: known.actions, blank=True)
_any_class = word_of(*PURPOSES, blank=True)
_guard = one_of(lambda known: known.guards)


def _any_name(written: str, vocabulary: Vocabulary) -> Fault:
    return name(written, vocabulary) if written else None


_TABLES = {
    "quiet_hours": Table(
        {
            "channel": _channel,
            "class": _any_class,
            "days": word_of("all", "weekdays", "weekends"),
            "from_time": _local_time,
            "until_time": _local_time,
        },
        ("channel", "class", "days", "from_time"),
    ),
    "holdouts": Table(
        {
            "holdout": name,
            "journey": _any_name,
            "class": _any_class,
            "share": _share,
            "salt": words,
        },
        ("holdout",),
    ),
    "slots": Table(
        {"scope": word_of("group", "channel"), "name": name, "length": _duration},
        ("scope", "name"),
    ),
    "caps": Table(
        {
            "cap": name,
            "channel": _any_channel,
            "class": _any_class,
            "journey": _any_name,
            "brand": _any_name,
            "period": _period,
            "most": _count,
            "when_full": word_of("drop", "wait", "next_channel"),
        },
        ("cap",),
    ),
    "levers": Table(
        {
            "scope": word_of("journey", "action", "class", "conflict_group"),
            "name": name,
            "lever": _weight,
        },
        ("scope", "name"),
    ),
    "context_weights": Table(
        {"guard": _guard, "action": _any_action, "class": _any_class, "weight": _weight},
        ("guard", "action", "class"),
    ),
    "release_policy": Table(
        {
            "measure": word_of(*_MEASURES),
            "unit": word_of(*_UNITS),
            "approval_above": _threshold,
            "refused_above": _threshold,
            "second_person": word_of("true", "by_name", "false"),
        },
        ("measure",),
    ),
    "limits": Table({"name": word_of(*_LIMITS), "most": _weight}, ("name",)),
    "latency_promises": Table({"channel": _messaged, "p95_s": _weight}, ("channel",)),
}
