"""Journey cards: what may follow what, and when."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from baton.ids import make_id

from .local_time import Wait

ALL = range(100)
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
        if self.share == ALL:
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
