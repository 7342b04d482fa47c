"""A rule of a card in words, from the row that the fold reads."""

from collections.abc import Iterable, Iterator
from typing import Any

from baton.cards import Condition, Rule

_UNITS = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rule_facts(rule: Rule, conditions: Iterable[Condition]) -> dict[str, Any]:
    """Return a rule in words; what it does not say is None."""
    return {
        "rule_no": rule.rule_no,
        "kind": rule.kind,
        "from": rule.from_step,
        "to": rule.to_step,
        "trigger": rule.signal or " ".join(_wait(rule)),
        "split": _split(rule),
        "condition": " ".join(_condition(rule, conditions)) or None,
        "action": rule.action,
        "on_block": rule.on_block,
        "owner": rule.owner,
        "within": None if rule.within_s is None else duration(rule.within_s),
        "why": rule.why,
    }


def duration(seconds: int) -> str:
    """Return seconds as a card would say them, such as `2 hours`."""
    size, unit = next(one for one in _UNITS if seconds % one[0] == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _wait(rule: Rule) -> Iterator[str]:
    if rule.after_s:
        yield f"after {duration(rule.after_s)}"
    if rule.at_s is not None:
        hours, minutes = divmod(rule.at_s // 60, 60)
        yield f"at {hours:02}:{minutes:02}"
    days = [day for day, ahead in zip(_DAYS, rule.day_offsets or "", strict=False) if ahead == "0"]
    if 0 < len(days) < len(_DAYS):
        yield f"on {', '.join(days)}"


def _split(rule: Rule) -> str | None:
    if rule.split_from is None or rule.split_until is None:
        return None
    return f"{rule.split_until - rule.split_from} %"


def _condition(rule: Rule, conditions: Iterable[Condition]) -> Iterator[str]:
    for one in conditions:
        if one.condition_id == rule.condition_id:
            yield f"{'if' if one.is_wanted else 'unless'} {one.guard}"
