"""Where customers stand and what was decided, as few lines of text. Pure."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from baton.journeys.columns import in_columns
from baton.words import REACHED, reason

_ENDS = ("goal", "exit", "expired")
_RARE_ENDS = ("runaway", "withdrawn")
_GAP = 4
_NARROW = 40
_BELOW = " " * 4
_TIE = "\N{NO-BREAK SPACE}"
_OUTCOMES = ("send", "route", "escalate", "wait", "suppress", "nothing")
Facts = Mapping[str, Any]


def journey_lines(facts: Facts, width: int) -> Iterator[str]:
    """Yield a head and each journey: how many are open, ended how, were sent and handed on what.

    The steps of the open ones follow to the right where `width` leaves room, else below.
    """
    journeys, actions = facts["journeys"], facts["actions"]
    rare = [one for one in _RARE_ENDS if any(one in statuses for statuses in journeys.values())]
    ends = [*_ENDS, *rare]
    rows: list[tuple[str, ...]] = [("journey", "open", *ends, "sent", "handed over")]
    for journey, statuses in journeys.items():
        counts = [_total(statuses.get(one, {})) for one in ("open", *ends)]
        counts += _reached(actions.get(journey, {}))
        rows.append((journey, *(f"{count:,}" if count else "-" for count in counts)))
    steps = [_steps(statuses.get("open", {})) for statuses in journeys.values()]
    lines = list(in_columns(rows, right=range(1, len(rows[0]))))
    yield from _with_steps(lines, ["", *steps], width) if steps else ("none yet",)


def decision_lines(facts: Facts) -> Iterator[str]:
    """Yield each outcome with how often and why, one line per reason."""
    rows = [
        (outcome, f"{count:,}", reason(why))
        for outcome in _OUTCOMES
        for why, count in _by_size(facts["decisions"].get(outcome, {}))
    ]
    yield from in_columns(rows, right=(1,)) if rows else ("none yet",)


def _with_steps(lines: Sequence[str], steps: Sequence[str], width: int) -> Iterator[str]:
    beside = max(map(len, lines)) + _GAP
    if width - beside < _NARROW:
        for line, at in zip(lines, steps, strict=True):
            yield line
            yield from (f"{_BELOW}{one}" for one in _wrapped(at, width - len(_BELOW)))
        return
    for line, at in zip(lines, steps, strict=True):
        first, *more = _wrapped(at, width - beside) or [""]
        yield f"{line:<{beside}}{first}".rstrip()
        yield from (" " * beside + one for one in more)


def _steps(steps: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,}{_TIE}{step}" for step, count in _by_size(steps))


def _by_size(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _wrapped(text: str, width: int) -> list[str]:
    return [line.replace(_TIE, " ") for line in textwrap.wrap(text, width)]


def _reached(outcomes: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """Return how many messages reached customers, and how many hand-overs reached their tool."""
    reached = {
        outcome: _total({state: n for state, n in states.items() if state in REACHED})
        for outcome, states in outcomes.items()
    }
    return reached.get("send", 0), reached.get("route", 0) + reached.get("escalate", 0)


def _total(counts: Mapping[str, int]) -> int:
    return sum(counts.values())
