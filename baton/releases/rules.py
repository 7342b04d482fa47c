"""A rule of a card in words, from the row that the fold reads."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from baton.cards import Condition, Rule

_UNITS = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rule_facts(rule: Rule, conditions: Iterable[Condition]) -> dict[str, Any]:
    """Return a rule in words; what it does not say is None."""
    row = asdict(rule)
    within = row.get("within_s")
    return {
        "rule_no": rule.rule_no,
        "kind": rule.kind,
        "from": rule.from_step,
        "to": rule.to_step,
        "trigger": rule.signal or " ".join(_wait(row)) or "at once",
        "split": _split(row),
        "condition": " ".join(_condition(rule, conditions)) or None,
        "action": rule.action,
        "on_block": row.get("on_block"),
        "owner": row.get("owner"),
        "within": None if within is None else duration(within),
        "why": rule.why,
    }


def duration(seconds: int) -> str:
    """Return seconds as a card would say them, such as `2 hours`."""
    size, unit = next(one for one in _UNITS if seconds % one[0] == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _wait(row: dict[str, Any]) -> Iterator[str]:
    if row["after_s"]:
        yield f"after {duration(row['after_s'])}"
    if row.get("at_s") is not None:
        hours, minutes = divmod(row["at_s"] // 60, 60)
        yield f"at {hours:02}:{minutes:02}"
        offsets = row["day_offsets"]
        if offsets and offsets != "0" * len(_DAYS):
            days = (day for day, offset in zip(_DAYS, offsets, strict=True) if offset == "0")
            yield f"on {', '.join(days)}"


def _split(row: dict[str, Any]) -> str | None:
    if row.get("split_from") is None:
        return None
    return f"{row['split_until'] - row['split_from']}%"


def _condition(rule: Rule, conditions: Iterable[Condition]) -> Iterator[str]:
    for one in conditions:
        if one.condition_id == rule.condition_id:
            yield f"{'if' if one.is_wanted else 'unless'} {one.guard}"
