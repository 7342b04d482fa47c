"""Cards read from their text, without the project's compiler."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

import yaml

from .cards import ALL, Card, Condition, Rule
from .local_time import DAYS, Wait

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


def read_card(model: str) -> Card:
    """Return the card in the text of a card model."""
    body = re.search(r"\{%-?\s*call journey\(\)\s*-?%\}(.*)\{%-?\s*endcall", model, re.DOTALL)
    facts: dict[str, Any] = yaml.safe_load(body.group(1) if body else model)
    return Card(
        journey=facts["journey"],
        purpose=facts.get("purpose"),
        brand=facts.get("brand", "main"),
        key=facts.get("key"),
        reentry=facts.get("reentry", "never"),
        cooldown=_duration(facts.get("cooldown")),
        horizon=_duration(facts["horizon"]),
        grace=_duration(facts.get("grace", "7 days")),
        max_steps=facts.get("max_steps", 50),
        require_fresh=facts.get("require_fresh", False),
        timezone=facts.get("timezone", "UTC"),
        migrates=facts.get("migrate") == "in_flight",
        rules=tuple(_rules(facts["steps"])),
    )


def _rules(steps: Sequence[Mapping[str, Any]]) -> Iterator[Rule]:
    position = 0
    for step in steps:
        for source in sorted(_names(step.get("from"))) or [None]:
            for target, share in _targets(step):
                position += 1
                yield _rule(step, position, source, target, share)


def _rule(
    step: Mapping[str, Any], position: int, source: str | None, target: str, share: range
) -> Rule:
    done = step.get("do")
    action = done.get(target) if isinstance(done, dict) else done
    return Rule(
        position=position,
        source=source,
        target=target,
        kind=step.get("kind", "step"),
        trigger=_trigger(step),
        wait=None if _trigger(step) else _wait(step),
        condition=Condition(_names(step.get("if")), _names(step.get("unless"))),
        action=action,
        on_block=step.get("on_block") if action else None,
        share=share,
        explicit_id=step.get("id"),
    )


def _targets(step: Mapping[str, Any]) -> Iterator[tuple[str, range]]:
    """Yield the targets in alphabetical order, each with the buckets it takes."""
    if "to" in step:
        yield step["to"], ALL
        return
    taken = 0
    for target, percent in sorted(step["split"].items()):
        yield target, range(taken, taken + percent)
        taken += percent


def _trigger(step: Mapping[str, Any]) -> str | None:
    edges = (f"{word} {step[word]}" for word in ("enters", "leaves") if word in step)
    return step.get("when") or next(edges, None)


def _wait(step: Mapping[str, Any]) -> Wait:
    at = step.get("at")
    return Wait(
        after=_duration(step.get("after")),
        at=time.fromisoformat(at) if at else None,
        days=_days(step.get("days")),
    )


def _days(written: str | list[str] | None) -> frozenset[int]:
    match written:
        case None:
            return frozenset(range(7))
        case "weekdays":
            return frozenset(range(5))
        case "weekends":
            return frozenset({5, 6})
        case _:
            return frozenset(DAYS.index(name) for name in _names(written))


def _names(written: str | list[str] | None) -> frozenset[str]:
    return frozenset([written] if isinstance(written, str) else written or [])


def _duration(written: str | None) -> timedelta:
    if written is None:
        return timedelta(0)
    count, unit = written.split()
    return timedelta(seconds=int(count) * _UNITS[unit.removesuffix("s")])
