"""Turns a checked card into the rows the fold reads."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from baton.cards.draft import ENTER, TIMER, condition_id, transition_id
from baton.cards.model import Card, Step


@dataclass(frozen=True)
class Rule:
    """One transition out of one step. `from_step` is None for an entry, and may be `any`."""

    rule_no: int
    transition_id: str
    kind: Literal["enter", "step", "goal", "exit"]
    from_step: str | None
    to_step: str
    trigger: Literal["event", "timer"]
    signal: str | None
    after_s: int | None
    condition_id: str
    action: str | None
    why: str


@dataclass(frozen=True, order=True)
class Condition:
    """One guard of a condition, which holds when each guard is as wanted."""

    condition_id: str
    guard: str
    is_wanted: bool


@dataclass(frozen=True)
class CompiledCard:
    """A card as rows. Durations are seconds; `card_text` is the model's text as written."""

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
    card_text: str
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...]


def compile_card(card: Card, text: str) -> CompiledCard:
    """Return the rows of a card that `check_card` has passed."""
    conditions = {one for step in card.steps for one in _conditions(step)}
    return CompiledCard(
        journey=card.journey,
        card_hash=card_hash(card),
        owner=card.owner,
        purpose=card.purpose,
        brand=card.brand,
        key=card.key,
        reentry=card.reentry,
        cooldown_s=card.cooldown,
        horizon_s=card.horizon,
        grace_s=card.grace,
        max_steps=card.max_steps,
        require_fresh=card.require_fresh,
        card_text=text,
        rules=tuple(_rules(card)),
        conditions=tuple(sorted(conditions)),
    )


def card_hash(card: Card) -> str:
    """Return the md5 of what the card means for a customer.

    People in a journey keep the card they entered with, and a rollback stops those on a withdrawn
    one. So the hash must change when, and only when, something else could happen to them: `owner`
    and `why` are left out, as are comments, order of names and ways to write a duration. The
    release id covers them. Keys that are not given are left out too, so that a key of a later
    version, absent from today's cards, changes no hash.
    """
    facts = card.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"owner"})
    for step in facts["steps"]:
        del step["why"]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _rules(card: Card) -> Iterator[Rule]:
    moves = [(step, source) for step in card.steps for source in step.from_ or (None,)]
    for number, (step, source) in enumerate(moves, start=1):
        yield Rule(
            rule_no=number,
            transition_id=step.id or transition_id(source, step.to, step.when or TIMER),
            kind=ENTER if source is None else step.kind,
            from_step=source,
            to_step=step.to,
            trigger="event" if step.when else "timer",
            signal=step.when,
            after_s=step.after,
            condition_id=condition_id(step.if_ or (), step.unless or ()),
            action=step.do,
            why=step.why,
        )


def _conditions(step: Step) -> Iterator[Condition]:
    own = condition_id(step.if_ or (), step.unless or ())
    yield from (Condition(own, guard, True) for guard in step.if_ or ())
    yield from (Condition(own, guard, False) for guard in step.unless or ())
