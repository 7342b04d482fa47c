"""Journey cards, read from their text without the project's compiler."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import yaml

from baton.ids import make_id

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
ANY = "any"


@dataclass(frozen=True)
class Condition:
    """Guards that must hold and guards that must not."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One transition. `source` is None for an entry; either `signal` or `after` is given."""

    position: int
    source: str | None
    target: str
    kind: str
    signal: str | None
    after: timedelta | None
    condition: Condition
    action: str | None
    explicit_id: str | None

    @property
    def transition_id(self) -> str:
        trigger = self.signal or "timer"
        return self.explicit_id or make_id("transition", self.source, self.target, trigger)

    @property
    def rank(self) -> int:
        """Order within one instant: exit, goal, plain step, all of them before any timer."""
        of_kind = {"exit": 1, "goal": 2}.get(self.kind, 3)
        return of_kind if self.signal else 3 + of_kind

    def leaves(self, step: str) -> bool:
        return self.source in {step, ANY}


@dataclass(frozen=True)
class Card:
    """One journey."""

    journey: str
    key: str | None
    reentry: str
    cooldown: timedelta
    horizon: timedelta
    grace: timedelta
    max_steps: int
    rules: tuple[Rule, ...]

    def rank_of(self, signal: str) -> int:
        """The strongest thing a signal can do in this journey."""
        return min((rule.rank for rule in self.rules if rule.signal == signal), default=3)

    @property
    def signals(self) -> frozenset[str]:
        return frozenset(rule.signal for rule in self.rules if rule.signal)


def read_card(model: str) -> Card:
    """Return the card in the text of a card model."""
    body = re.search(r"\{%\s*call journey\(\)\s*%\}(.*)\{%\s*endcall\s*%\}", model, re.DOTALL)
    facts: dict[str, Any] = yaml.safe_load(body.group(1) if body else model)
    return Card(
        journey=facts["journey"],
        key=facts.get("key"),
        reentry=facts.get("reentry", "never"),
        cooldown=_duration(facts.get("cooldown")) or timedelta(0),
        horizon=_duration(facts["horizon"]) or timedelta(0),
        grace=_duration(facts.get("grace", "7 days")) or timedelta(0),
        max_steps=facts.get("max_steps", 50),
        rules=tuple(_rules(facts["steps"])),
    )


def _rules(steps: list[Mapping[str, Any]]) -> Iterator[Rule]:
    position = 0
    for step in steps:
        for source in sorted(_names(step.get("from"))) or [None]:
            position += 1
            yield Rule(
                position=position,
                source=source,
                target=step["to"],
                kind=step.get("kind", "step"),
                signal=step.get("when"),
                after=_duration(step.get("after")),
                condition=Condition(_names(step.get("if")), _names(step.get("unless"))),
                action=step.get("do"),
                explicit_id=step.get("id"),
            )


def _names(written: str | list[str] | None) -> frozenset[str]:
    return frozenset([written] if isinstance(written, str) else written or [])


def _duration(written: str | None) -> timedelta | None:
    if written is None:
        return None
    count, unit = written.split()
    return timedelta(seconds=int(count) * _UNITS[unit.removesuffix("s")])
