"""Journey cards, read from their text without the project's compiler."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cached_property
from typing import Any

import yaml

from baton.ids import make_id

from .local_time import DAYS, Wait

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_ALL = range(100)
ANY = "any"


@dataclass(frozen=True)
class Condition:
    """Guards that must hold and guards that must not."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One transition. `source` is None for an entry; either `trigger` or `wait` is given.

    `trigger` is a signal's name, or `enters` or `leaves` and a guard. `share` are the buckets of
    a split that take this way.
    """

    position: int
    source: str | None
    target: str
    kind: str
    trigger: str | None
    wait: Wait | None
    condition: Condition
    action: str | None
    on_block: str | None
    share: range
    explicit_id: str | None

    @cached_property
    def transition_id(self) -> str:
        """Its own name, or the id of origin, target and trigger."""
        return self.explicit_id or make_id("transition", self.source, self.target, self.word)

    @property
    def word(self) -> str:
        """What causes it, in one word."""
        return self.trigger or "timer"

    @property
    def rank(self) -> int:
        """Exit before goal before plain step."""
        return {"exit": 1, "goal": 2}.get(self.kind, 3)

    @property
    def is_final(self) -> bool:
        return self.kind in {"exit", "goal"}

    def leaves(self, step: str) -> bool:
        return self.source in {step, ANY}

    def takes(self, instance_id: str) -> bool:
        """Tell whether it is the way of the instance, where the way is split."""
        if self.share == _ALL:
            return True
        bucket = int(make_id("split", instance_id, self.source, self.word)[:8], 16) % 100
        return bucket in self.share


@dataclass(frozen=True)
class Card:
    """One journey. Two cards are the same when everything in them is."""

    journey: str
    purpose: str | None
    brand: str
    key: str | None
    reentry: str
    cooldown: timedelta
    horizon: timedelta
    grace: timedelta
    max_steps: int
    require_fresh: bool
    timezone: str
    migrates: bool
    rules: tuple[Rule, ...]

    @property
    def starts_with_each_entry(self) -> bool:
        """Tell whether its instances neither keep others out nor are kept out."""
        return self.reentry == "always" and self.key is not None

    def class_of(self, trigger: str) -> int:
        """The strongest thing a signal can do in this journey."""
        return min((rule.rank for rule in self.rules if rule.trigger == trigger), default=3)

    def has_open_step(self, name: str) -> bool:
        return any(rule.target == name and not rule.is_final for rule in self.rules)

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset(rule.trigger for rule in self.rules if rule.trigger)


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
        yield step["to"], _ALL
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
