"""One decision: what it was about, what came of it and why, and all its checks."""

from typing import Any

from baton.explain import decided, grounds, say
from baton.explain.page.parts import Cell, Table, Tone, Unfolding, cells, when
from baton.words import DONE, reason

Row = dict[str, Any]

_TONES: dict[str, Tone] = {"wait": "wait", "suppress": "no", "nothing": "no"}
_OUTCOMES = {
    "send": "send",
    "route": "hand over",
    "escalate": "escalate",
    "wait": "wait",
    "suppress": "suppress",
    "nothing": "do nothing",
}


def unfolding(decision: Row) -> Unfolding:
    """Return the decision with its grounds, rank, checks and circumstances."""
    rank = grounds.rank(decision)
    return Unfolding(
        tone(decision),
        outcome(decision),
        f"{decision['action']} for {say.name_of(decision)}: {reason(decision['reason'])}",
        [rank] if rank else [],
        [checks(decision)],
        brief=grounds.grounds(decision),
        notes=[" · ".join(_circumstances(decision))],
    )


def outcome(decision: Row) -> str:
    """Return the outcome as an order."""
    return _OUTCOMES[decision["outcome"]]


def tone(decision: Row) -> Tone:
    """Return how the outcome looks."""
    return "yes" if decision["outcome"] in DONE else _TONES.get(decision["outcome"], "soft")


def checks(decision: Row) -> Table:
    """Return the fourteen checks in their order, the one that decided marked."""
    deciding = decided.deciding(decision)
    rows = [
        cells(*_place(label), _result(value), _mark(label == deciding))
        for label, value in decision["checks"].items()
    ]
    return Table("Checks, in their order", ("no.", "check", "result", "decided"), rows)


def _place(label: str) -> tuple[Cell, str]:
    number, _, name = label.partition(" ")
    return (Cell(number), name) if number.isdigit() else (Cell(""), label)


def _result(value: bool | None) -> Cell:
    if value is None:
        return Cell("not made", "soft")
    return Cell("failed", "no") if value else Cell("passed")


def _mark(is_deciding: bool) -> Cell:
    return Cell("this one", "no") if is_deciding else Cell("")


def _circumstances(decision: Row) -> list[str]:
    named = {
        "by": decision["channel"],
        "class": decision["class"],
        "brand": decision["brand"],
        "stands in for": decision["fallback_of"],
        "permission of": when(decision["consent_at"]),
        "expires": when(decision["expires_at"]),
        "looked at again by": when(decision["decide_after"]),
        "evaluation": str(decision["evaluation_no"]),
        "release": decision["release_id"][:12],
        "done by message": decision["answered_by_message_id"],
    }
    return [f"{name} {value}" for name, value in named.items() if value]
