"""A transition in the words of its card, short enough for a drawing."""

from collections.abc import Sequence

from baton.cards import Condition, Rule
from baton.cards.local_times import DAYS
from baton.releases.rules import duration

_WEEKDAYS = DAYS[:5]
_BLOCKS = {"wait": "waits until it is sent", "exit": "ends if it is not sent"}


def trigger_words(rule: Rule) -> str:
    """Return what sets the transition off, such as `when quote_started` or `after 2 hours`."""
    if rule.signal is not None:
        edge, _, guard = rule.signal.partition(" ")
        return f"{edge} {guard}" if guard else f"when {rule.signal}"
    return " ".join(part for part in (_after(rule), _at(rule)) if part) or "at once"


def share_words(rule: Rule) -> str | None:
    """Return the share of a split, None without one."""
    if rule.split_from is None or rule.split_until is None:
        return None
    return f"{rule.split_until - rule.split_from} %"


def condition_words(rule: Rule, conditions: Sequence[Condition]) -> str | None:
    """Return the guards, such as `if high_value unless open_case`, None without any."""
    own = [one for one in conditions if one.condition_id == rule.condition_id]
    wanted = [one.guard for one in own if one.is_wanted]
    unwanted = [one.guard for one in own if not one.is_wanted]
    parts = (("if", " and ", wanted), ("unless", " or ", unwanted))
    return " ".join(f"{word} {glue.join(names)}" for word, glue, names in parts if names) or None


def terms_words(rule: Rule) -> str | None:
    """Return who takes a hand-over in which time, and what if the action is not sent."""
    within = f"within {duration(rule.within_s)}" if rule.within_s is not None else None
    parts = (rule.owner, within, _BLOCKS.get(rule.on_block or ""))
    return ", ".join(part for part in parts if part) or None


def _after(rule: Rule) -> str | None:
    return f"after {duration(rule.after_s)}" if rule.after_s else None


def _at(rule: Rule) -> str | None:
    if rule.at_s is None:
        return None
    hours, minutes = divmod(rule.at_s // 60, 60)
    return " ".join(part for part in (f"at {hours:02}:{minutes:02}", _days(rule)) if part)


def _days(rule: Rule) -> str | None:
    days = tuple(
        day for day, offset in zip(DAYS, rule.day_offsets or "", strict=False) if offset == "0"
    )
    if len(days) in (0, len(DAYS)):
        return None
    if days == _WEEKDAYS:
        return "on weekdays"
    return "on weekends" if days == DAYS[5:] else f"on {', '.join(days)}"
