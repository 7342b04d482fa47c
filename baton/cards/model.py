"""The shape of a card: its keys, their types and defaults."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from baton.cards.fields import (
    Actions,
    Days,
    Duration,
    Groups,
    LocalTime,
    Name,
    Names,
    NonEmpty,
    Shares,
    Why,
    Zone,
    as_tuple,
)
from baton.cards.words import trigger_word
from baton.cards.zones import DEFAULT_ZONE


def _key(description: str, **facts: Any) -> Any:
    return Field(description=description, **facts)


class Part(BaseModel):
    """Unknown keys are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Step(Part):
    """One transition of a card, or one for each target of a split.

    `from_` is None for an entry; names are sorted, each once; `after` and `within` are seconds,
    `at` is seconds after local midnight, and `days` is None when every day is meant.
    """

    to: Name | None = _key("the step that is entered", default=None)
    split: Shares | None = _key(
        "instead of to: targets and whole percentages that add up to 100", default=None
    )
    from_: Names | None = _key(
        "the step or steps it leaves; absent = entry; any = any open step",
        default=None,
        alias="from",
    )
    when: Name | None = _key("trigger: the signal that causes it", default=None)
    enters: Name | None = _key("trigger: the guard that begins to hold", default=None)
    leaves: Name | None = _key("trigger: the guard that ceases to hold", default=None)
    after: Duration | None = _key(
        "trigger: how long the step it leaves must have lasted", default=None
    )
    at: LocalTime | None = _key(
        'trigger: the local time it waits for, such as "09:00"; alone or after `after`',
        default=None,
    )
    days: Days = _key("the days on which `at` counts", default=None)
    if_: Names | None = _key("guards that must hold", default=None, alias="if")
    unless: Names | None = _key("guards that must not hold", default=None)
    do: Actions | None = _key(
        "the action, or the word fallback; with split perhaps one for each target", default=None
    )
    on_block: Literal["wait", "exit"] | None = _key(
        "what if the action is not sent; absent = the journey goes on", default=None
    )
    owner: str | None = _key(
        "of a hand-over: the dbt group that takes it; absent = the action's owner",
        default=None,
        min_length=1,
    )
    within: Duration | None = _key("of a hand-over: the service level", default=None)
    kind: Literal["step", "goal", "exit"] = _key("goal and exit end the journey", default="step")
    why: Why = _key("the reason, as the customer's history shows it")
    id: Name | None = _key("explicit transition id, kept through renames", default=None)

    @property
    def is_timer(self) -> bool:
        """Tell whether it is taken when its time has come, not by an event."""
        return self.after is not None or self.at is not None

    @property
    def trigger(self) -> str:
        """The signal's name, `enters <guard>`, `leaves <guard>`, or the word timer."""
        return trigger_word(self.when, self.enters, self.leaves)

    def action(self, target: str) -> str | None:
        """Return what is done on entering the target."""
        return self.do.get(target) if isinstance(self.do, dict) else self.do


class Raci(Part):
    """Who does the work on a journey, answers for it, is asked before, and told after: groups."""

    responsible: Groups | None = _key("who does the work; absent = the owner", default=None)
    accountable: str | None = _key(
        "the one who answers for it; absent = the owner", default=None, min_length=1
    )
    consulted: Groups | None = _key("who is asked before it changes", default=None)
    informed: Groups | None = _key("who is told that it changed", default=None)


class Need(Part):
    """One input that a journey relies on, and how old it may be; `fresh_within` is seconds."""

    signal: Name | None = _key("a signal that the card listens to", default=None)
    guard: Name | None = _key("a guard that the card asks", default=None)
    field: Name | None = _key("a field of the profile", default=None)
    fresh_within: Duration | None = _key(
        "how long ago its source may last have delivered; absent = as its promise says",
        default=None,
    )

    @property
    def subject(self) -> tuple[str, str]:
        """Return what it is, signal, guard or field, and its name."""
        named = {"signal": self.signal, "guard": self.guard, "field": self.field}
        return next((kind, name) for kind, name in named.items() if name is not None)


class Card(Part):
    """One journey. Durations are seconds."""

    journey: Name = _key("the name, the same as the file's")
    owner: str = _key("the dbt group that answers for it", min_length=1)
    approvers: Groups | None = _key(
        "the dbt groups that approve a change of it; absent = the owner", default=None
    )
    raci: Raci | None = _key("who else has to do with it: dbt groups", default=None)
    review_every: Duration = _key(
        "how often somebody looks whether it is still right",
        default="180 days",
        validate_default=True,
    )
    needs: (
        Annotated[
            tuple[Need, ...], BeforeValidator(as_tuple, json_schema_input_type=NonEmpty[Need])
        ]
        | None
    ) = _key("the data contract: inputs it relies on, and how old they may be", default=None)
    purpose: Literal["marketing", "sales", "service", "transactional"] = _key(
        "the consent it needs"
    )
    brand: Name = _key("the brand it speaks for", default="main")
    key: Name | None = _key("one instance per person and this correlation key", default=None)
    reentry: Literal["never", "after_exit", "always"] = _key(
        "whether a person and key may enter again", default="never"
    )
    cooldown: Duration | None = _key("the wait before entering again", default=None)
    horizon: Duration = _key("how long an instance may live")
    grace: Duration = _key(
        "how long after the horizon late records still count",
        default="7 days",
        validate_default=True,
    )
    max_steps: int = _key("a runaway guard", default=50, ge=1, le=1000)
    require_fresh: bool = _key("wait while an input is stale", default=False)
    timezone: Zone = _key("the time zone of customers whose own is not known", default=DEFAULT_ZONE)
    migrate: Literal["in_flight"] | None = _key(
        "open instances move to this card when it is activated", default=None
    )
    steps: Annotated[
        tuple[Step, ...],
        BeforeValidator(as_tuple, json_schema_input_type=NonEmpty[Step]),
    ] = _key("the transitions")
