"""The rows of a compiled card, named as the columns of `raw.release_*`."""

import json
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """One transition out of one step to one target.

    `from_step` is None for an entry, and may be `any`. `signal` is a signal's name, `enters g` or
    `leaves g`, None for a timer; `turn_class` is the strongest thing it does anywhere in the card:
    1 exit, 2 goal, 3 else. A split takes this row for the buckets from `split_from` until before
    `split_until`, of 0 to 99. `on_block`, `owner` and `within_s` stand on rows with an action only;
    `owner` is None where the card leaves it to the action.
    """

    rule_no: int
    transition_id: str
    kind: Literal["enter", "step", "goal", "exit"]
    from_step: str | None
    to_step: str
    trigger: Literal["event", "timer"]
    signal: str | None
    turn_class: int | None
    after_s: int | None
    at_s: int | None
    day_offsets: str | None
    split_from: int | None
    split_until: int | None
    condition_id: str
    action: str | None
    on_block: Literal["wait", "exit"] | None
    owner: str | None
    within_s: int | None
    why: str


@dataclass(frozen=True, order=True)
class Condition:
    """One guard of a condition, which holds when each guard is as wanted."""

    condition_id: str
    guard: str
    is_wanted: bool


@dataclass(frozen=True)
class CompiledCard:
    """A card as rows. Durations are seconds; `card_text` is the model's text as written.

    `governance` is the JSON object of `governance_of`, None in releases of versions before it.
    """

    journey: str
    card_hash: str
    owner: str
    purpose: str
    brand: str
    key: str | None
    reentry: str
    cooldown_s: int | None
    horizon_s: int
    grace_s: int
    max_steps: int
    require_fresh: bool
    timezone: str
    migrates: bool
    card_text: str
    governance: str | None
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...]

    @property
    def approvers(self) -> tuple[str, ...]:
        """The groups that approve a change of it."""
        said: dict[str, str] = json.loads(self.governance or "{}")
        return tuple(said.get("approvers", self.owner).split(", "))
