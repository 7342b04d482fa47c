"""What a run through a journey is made of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from baton.ids import make_id

from .cards import Card
from .signals import START_OF_TIME, Signal


@dataclass(frozen=True)
class Step:
    """One step of one instance. `cause` is an event id, or the step that is left."""

    step_id: str
    instance_id: str
    step_no: int
    transition_id: str
    from_step: str | None
    step: str
    kind: str
    cause: str
    reached_at: datetime
    action: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a step's action, as far as it is known."""

    done_at: datetime | None = None
    blocked_at: datetime | None = None


Outcomes = Mapping[str, Outcome]


@dataclass
class Instance:
    """One run of one person and key through a journey.

    `ended_by` is the signal whose turn ended it, if one did. `reached_at` is when its step was
    really reached, `not_before` when it last moved to another card. `remarks` count what is
    worth knowing of its life and changes nothing.
    """

    card: Card
    key: str | None
    entry: Signal
    steps: list[Step] = field(default_factory=list)
    is_open: bool = True
    ended_by: Signal | None = None
    on_block: str | None = None
    reached_at: datetime = START_OF_TIME
    not_before: datetime = START_OF_TIME
    remarks: Counter[str] = field(default_factory=Counter[str])

    @cached_property
    def instance_id(self) -> str:
        return make_id("instance", self.card.journey, self.entry.event_id)

    @property
    def horizon_at(self) -> datetime:
        return self.entry.occurred_at + self.card.horizon

    @property
    def sealed_at(self) -> datetime:
        """What is loaded from here on counts no more."""
        known = max(self.entry.occurred_at, self.entry.loaded_at)
        return known + self.card.horizon + self.card.grace

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def status(self) -> str:
        return "open" if self.is_open else self.last.kind

    def counts(self, signal: Signal) -> bool:
        """Tell whether a signal can still move the instance."""
        return signal.occurred_at < self.horizon_at and signal.loaded_at < self.sealed_at

    def is_meant_by(self, signal: Signal) -> bool:
        """Tell whether a signal is of its key; without a key of its own every one is."""
        return self.key is None or signal.key in {self.key, None}

    def add(
        self,
        transition_id: str,
        step: str,
        kind: str,
        cause: str | None,
        at: datetime,
        *,
        action: str | None = None,
    ) -> None:
        """Append a step. Without a cause, the step that is left is the cause."""
        because = cause or self.last.step_id
        self.steps.append(
            Step(
                step_id=make_id("step", self.instance_id, transition_id, because),
                instance_id=self.instance_id,
                step_no=len(self.steps) + 1,
                transition_id=transition_id,
                from_step=self.last.step if self.steps else None,
                step=step,
                kind=kind,
                cause=because,
                reached_at=at,
                action=action,
            )
        )

    def end(
        self, word: str, at: datetime, kind: str | None = None, *, cause: str | None = None
    ) -> None:
        """End as `word`, which is its kind too unless another is given."""
        self.add(word, word, kind or word, cause, at)
        self.is_open = False
