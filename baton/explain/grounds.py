"""What stood against a decision, and what the contest weighed, in plain words. Pure."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from baton.explain.say import name_of

Row = dict[str, Any]

_OTHERWISE = {
    "send": "otherwise it would have been sent",
    "route": "otherwise it would have been handed over",
    "escalate": "otherwise it would have been handed over",
    "wait": "otherwise it would have waited",
    "nothing": "it would not have gone out otherwise either",
}
_CARD = "card"


def grounds(decision: Row) -> list[str]:
    """Return a sentence for each thing that stood against it, the one that decided first.

    What the name of the check says already is not said again.
    """
    failed = [
        (reason, "; ".join(words(decision)))
        for reason, column, words in _WORDS
        if decision["reason"] == reason or decision["checks"].get(column)
    ]
    failed.sort(key=lambda one: one[0] != decision["reason"])
    return [said if reason == decision["reason"] else f"also {said}" for reason, said in failed]


def of_message(message: Row, latest: Row | None) -> list[str]:
    """Return what holds a message back, by what was decided about it last."""
    journal = message["message"]
    if journal is None or journal["state"] != "held" or latest is None:
        return []
    if journal["reason"] == "outranked" and latest["reason"] != "outranked":
        return ["what it was to take the place of had gone by then"]
    return grounds(latest)


def rank(decision: Row) -> str | None:
    """Return the rank as the product of its factors; None where no contest took place."""
    if decision["rank"] is None:
        return None
    names = ("propensity", "context_weight", "value", "lever")
    factors = [(name.removesuffix("_weight"), decision[name]) for name in names]
    known = [f"{name} {value:.4g}" for name, value in factors if value is not None]
    return f"rank {decision['rank']:.4g} = {' x '.join(known)}"


def _quiet(decision: Row) -> Iterator[str]:
    zone, until = decision["timezone"], decision["decide_after"]
    if decision["reason"] != "quiet_hours" or until is None:
        yield f"a quiet time in {zone}"
    elif until == decision["expires_at"]:
        yield f"quiet in {zone} until it expires at {until}"
    else:
        clock = until.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        yield f"quiet until {until}, which is {clock:%H:%M} in {zone}"
    source = decision["timezone_source"]
    is_own = source != _CARD
    yield f"their zone, by {source}" if is_own else "the card's zone, theirs is not known"


def _holdout(decision: Row) -> Iterator[str]:
    yield f"in the control group of {decision['held_out_by']}"
    if otherwise := _OTHERWISE.get(decision["counterfactual_outcome"] or ""):
        yield otherwise


def _outranked(decision: Row) -> Iterator[str]:
    rival = decision["outranker"]
    if rival is None:
        yield f"outranked by {decision['outranked_by']}, which is not on record any more"
    else:
        yield f"outranked by {rival['action']} of {name_of(rival)}{_ranks(decision, rival)}"
    yield from _again(decision, "outranked")


def _ranks(decision: Row, rival: Row) -> str:
    if rival["rank"] is None or decision["rank"] is None:
        return ", which has the slot"
    return f" (rank {rival['rank']:.4g} to {decision['rank']:.4g})"


def _capped(decision: Row) -> Iterator[str]:
    cap = decision["cap"]
    yield f"the cap {decision['capped_by']} is full{f': {_terms(cap)}' if cap else ''}"
    if decision["reason"] != "capped":
        return
    if decision["outcome"] == "wait":
        yield from _again(decision, "capped")
    elif cap and cap.get("when_full") == "next_channel":
        yield "its fallback takes part instead"
    else:
        yield "dropped"


def _terms(cap: dict[str, str]) -> str:
    named = (("by {}", "channel"), ("of {}", "journey"), ("for {}", "brand"))
    which = ["messages", *(form.format(cap[name]) for form, name in named if name in cap)]
    if "class" in cap:
        which.insert(0, cap["class"])
    period = cap["period"]
    when = f"in a {period}" if period.startswith("calendar") else f"in {period}"
    return " ".join(["at most", cap["most"], *which, when])


def _again(decision: Row, reason: str) -> Iterator[str]:
    if decision["reason"] == reason and decision["decide_after"]:
        yield f"looked at again by {decision['decide_after']}"


def _recalled(_: Row) -> Iterator[str]:
    yield "something was to take its place, but it had gone by then, so it counts as sent"


def _ended(_: Row) -> Iterator[str]:
    yield "its message had come to an end before, so nothing goes out under it any more"


_WORDS = (
    ("recalled_too_late", "", _recalled),
    ("message_ended", "", _ended),
    ("quiet_hours", "7 quiet hours", _quiet),
    ("holdout", "8 holdout", _holdout),
    ("outranked", "9 outranked", _outranked),
    ("capped", "10 capped", _capped),
)
