"""Rules of `actions.csv`, which names what a journey may do."""

import re
from collections.abc import Collection, Iterator, Mapping

from baton.cards.durations import duration_fault
from baton.cards.hints import name_hint
from baton.cards.policies import Policy, PolicyLine, column_faults
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary
from baton.cards.words import FALLBACK, NAME_PATTERN, PURPOSES

COLUMNS = (
    "action",
    "outcome",
    "channel",
    "destination",
    "class",
    "template",
    "value",
    "ttl",
    "conflict_group",
    "priority",
    "fallback",
    "owner",
)
OUTCOMES = ("send", "route", "escalate")

_NUMBERS = {"value": r"-?\d+(\.\d+)?", "priority": r"-?\d+"}


def action_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of the policy's columns and rows."""
    yield from column_faults(policy, COLUMNS, "action")
    if not set(COLUMNS) <= set(policy.columns):
        return
    for line in (line for line in policy.lines if line.fits):
        yield from _choice_faults(line, vocabulary)
        yield from _value_faults(line)
    yield from _circle_faults(policy)


def _choice_faults(line: PolicyLine, vocabulary: Vocabulary) -> Iterator[Found]:
    cells = line.cells
    yield from _choice(line, "outcome", OUTCOMES)
    yield from _choice(line, "class", PURPOSES)
    yield from _choice(line, "channel", vocabulary.channels)
    yield from _choice(line, "owner", vocabulary.groups)
    if cells["fallback"]:
        yield from _choice(line, "fallback", vocabulary.actions)


def _choice(line: PolicyLine, column: str, known: Collection[str]) -> Iterator[Found]:
    written = line.cells[column]
    if written not in known:
        mend = name_hint(written, known, f"write a known {column} (line {line.line})")
        message = f"`{written}` is no {column} Baton knows" if written else f"no `{column}`"
        yield Found(f"action_bad_{column}", line.line, message, mend)


def _value_faults(line: PolicyLine) -> Iterator[Found]:
    cells = line.cells
    for column in ("action", "destination", "conflict_group"):
        optional = column == "conflict_group" and not cells[column]
        if not optional and not re.fullmatch(NAME_PATTERN, cells[column]):
            mend = "use small letters, digits and `_`, starting with a letter"
            message = f"`{column}` is not a name: `{cells[column]}`"
            yield Found(f"action_bad_{column}", line.line, message, mend)
    if cells["action"] == FALLBACK:
        mend = "name it otherwise: `do: fallback` means the failed message's fallback"
        yield Found("action_reserved_name", line.line, "no action may be called `fallback`", mend)
    fault = duration_fault(cells["ttl"])
    if fault:
        yield Found("action_bad_ttl", line.line, f"`ttl` {fault[1]}: `{cells['ttl']}`", fault[2])
    for column, pattern in _NUMBERS.items():
        if not re.fullmatch(pattern, cells[column]):
            message = f"`{column}` is no number: `{cells[column]}`"
            mend = "write digits, such as `10`"
            yield Found(f"action_bad_{column}", line.line, message, mend)


def _circle_faults(policy: Policy) -> Iterator[Found]:
    following = {line.cells["action"]: line.cells["fallback"] for line in policy.lines}
    for line in policy.lines:
        name = line.cells["action"]
        if _comes_back(name, following):
            mend = "let the last action of the chain have no fallback"
            message = f"the fallbacks of `{name}` lead back to it"
            yield Found("action_fallback_circle", line.line, message, mend)


def _comes_back(name: str, following: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    step = following.get(name, "")
    while step and step not in seen and step != name:
        seen.add(step)
        step = following.get(step, "")
    return step == name
