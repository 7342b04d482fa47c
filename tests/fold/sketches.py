"""Random cards: a sketch is a card as data, to be written as text, and to be edited again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from baton.cards import CompiledCard, check_card, compile_card

from .words import GUARDS, SIGNALS, ZONES, vocabulary

Step = Mapping[str, Any]

NAMES = ("asked", "bored", "curious", "dazed")
HORIZONS = ("3 hours", "12 hours", "1 day", "2 days", "4 days", "7 days")
GRACES = ("1 second", "1 hour", "6 hours", "1 day", "7 days")
WAITS = ("30 minutes", "1 hour", "90 minutes", "2 hours", "5 hours", "1 day")
_TIMES = ("00:00", "01:30", "02:00", "02:30", "09:00", "12:15", "23:30")
_DAYS: tuple[object, ...] = ("weekdays", "weekends", ["mon", "thu"], ["sun"])


@dataclass(frozen=True)
class Sketch:
    """A card as data. `text` is the model's text."""

    head: Mapping[str, Any]
    steps: tuple[Step, ...]

    @property
    def journey(self) -> str:
        return self.head["journey"]

    @property
    def text(self) -> str:
        """The card as it stands in its file."""
        lines = [f"{key}: {_flow(value)}" for key, value in self.head.items()]
        lines += ["steps:", *(f"  - {_flow(step)}" for step in self.steps)]
        return "\n".join(["{% call journey() %}", *lines, "{% endcall %}", ""])

    def compiled(self) -> CompiledCard | None:
        """Return the card's rows, None when the check refuses it."""
        checked = check_card(self.text, vocabulary())
        return compile_card(checked.card, self.text) if checked.card else None

    @property
    def may_grow(self) -> bool:
        """Tell whether nothing is wrong with it that more steps cannot mend."""
        faults = check_card(self.text, vocabulary()).faults
        return {fault.code for fault in faults} <= {"unknown_step", "unreachable_step"}


def _flow(value: object) -> str:
    """Write a value as YAML in one line; JSON is that, but for its quoted keys and words."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str() if ":" in value:
            return json.dumps(value)
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def sketch(pick: Random, journey: str) -> Sketch:
    """Return a random card that the check accepts."""
    return first_valid(_sketch(pick, journey) for _ in range(1000))


def first_valid(tries: Iterable[Sketch]) -> Sketch:
    """Return the first of the cards that the check accepts."""
    return next(one for one in tries if one.compiled())


def _sketch(pick: Random, journey: str) -> Sketch:
    key = pick.choice(["quote_id", "quote_id", None])
    opened = NAMES[: pick.randint(2, len(NAMES))]
    head: dict[str, Any] = {"journey": journey, "owner": "sales", "purpose": "sales"}
    head |= {"key": key} if key else {}
    head |= reentry(pick)
    head |= {"horizon": pick.choice(HORIZONS), "grace": pick.choice(GRACES)}
    head |= {"max_steps": pick.choice([2, 3, 5, 8])} if pick.random() < 0.6 else {}
    head |= {"timezone": pick.choice(ZONES)} if pick.random() < 0.6 else {}
    grown = Sketch(head, ())
    for step in _steps(pick, opened, is_keyed=bool(key)):
        longer = replace(grown, steps=(*grown.steps, step))
        grown = longer if longer.may_grow else grown
    return grown


def reentry(pick: Random) -> Iterator[tuple[str, str]]:
    """Yield the keys of the head that say who may enter again."""
    word = pick.choice(["never", "after_exit", "after_exit", "always", "always"])
    yield "reentry", word
    if word == "after_exit" and pick.random() < 0.6:
        yield "cooldown", pick.choice(["1 second", "30 minutes", "2 hours"])


def _steps(pick: Random, opened: tuple[str, ...], *, is_keyed: bool) -> Iterator[Step]:
    for _ in range(pick.choice([1, 1, 2])):
        trigger = _event(pick, edges=0.0 if is_keyed else 0.35)
        yield _whole(pick, {**trigger, **_target(pick, opened)})
    for _ in range(pick.randint(8, 20)):
        yield onward(pick, opened)


def onward(pick: Random, opened: tuple[str, ...]) -> Step:
    """Return a step that leaves others."""
    source = pick.choice([*opened, *opened, "any", list(pick.sample(opened, 2))])
    trigger = _event(pick, edges=0.25) if pick.random() < 0.55 else dict(_timer(pick))
    if pick.random() < 0.25:
        kind = pick.choice(["goal", "exit"])
        target = {"to": {"goal": "won", "exit": "gone"}[kind], "kind": kind}
        return {"from": source, **trigger, **target, **_conditions(pick), "why": _reason(pick)}
    named = isinstance(source, str) and pick.random() < 0.15
    step = {"from": source, **trigger, **({} if named else _target(pick, opened))}
    if named:
        step |= {"to": pick.choice(opened), "id": f"named_{pick.randint(1, 10**6)}"}
    return _whole(pick, step)


def _whole(pick: Random, step: Step) -> Step:
    return {**step, **_conditions(pick), **_action(pick, step), "why": _reason(pick)}


def _reason(pick: Random) -> str:
    """Return words that no other step has, by which a step is known again in an edited card."""
    return f"reason {pick.randrange(10**9)}"


def _event(pick: Random, *, edges: float) -> dict[str, str]:
    if pick.random() < edges:
        return {pick.choice(["enters", "leaves"]): pick.choice(GUARDS)}
    return {"when": pick.choice(SIGNALS)}


def _timer(pick: Random) -> Iterator[tuple[str, object]]:
    is_local = pick.random() < 0.5
    if not is_local or pick.random() < 0.5:
        yield "after", pick.choice(WAITS)
    if is_local:
        yield "at", pick.choice(_TIMES)
        if pick.random() < 0.4:
            yield "days", pick.choice(_DAYS)


def _target(pick: Random, opened: tuple[str, ...]) -> dict[str, object]:
    if pick.random() < 0.7:
        return {"to": pick.choice(opened)}
    share = pick.choice([10, 33, 50, 75])
    one, other = pick.sample(opened, 2)
    return {"split": {one: share, other: 100 - share}}


def _conditions(pick: Random) -> dict[str, object]:
    if pick.random() < 0.65:
        return {}
    one, other = pick.sample(GUARDS, 2)
    return pick.choice(
        [{"if": one}, {"unless": one}, {"if": one, "unless": other}, {"unless": [one, other]}]
    )


def _action(pick: Random, step: Step) -> dict[str, object]:
    if pick.random() < 0.35:
        return {}
    action = pick.choice(["mail", "text", "call"])
    targets = sorted(step.get("split", {}))
    done: object = {targets[0]: action} if targets and pick.random() < 0.5 else action
    on_block = pick.choice([{}, {"on_block": "wait"}, {"on_block": "exit"}, {"on_block": "exit"}])
    return {"do": done, **on_block, **({"within": "1 day"} if action == "call" else {})}
