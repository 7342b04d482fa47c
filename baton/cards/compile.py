"""Turns a checked card into the rows the fold reads."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baton.cards.governance import GOVERNANCE_KEYS, governance_of
from baton.cards.local_times import DAYS, day_offsets
from baton.cards.model import Card, Step
from baton.cards.rows import CompiledCard, Condition, Rule
from baton.cards.words import ENTER, condition_id, transition_id
from baton.cards.zones import DEFAULT_ZONE

_TURN_CLASSES = {"exit": 1, "goal": 2}
_LAST_TURN = 3


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
        timezone=card.timezone,
        migrates=card.migrate is not None,
        card_text=text,
        governance=json.dumps(governance_of(card), sort_keys=True),
        rules=tuple(_rules(card)),
        conditions=tuple(sorted(conditions)),
    )


def card_hash(card: Card) -> str:
    """Return the md5 of what the card means for a customer.

    People in a journey keep the card they entered with, and a rollback stops those on a withdrawn
    one. So the hash must change when, and only when, something else could happen to them: `owner`,
    the other keys of governance and `why` are left out, as are comments, order of names and ways
    to write a duration. The release id covers them. Keys that are not given are left out too, so
    that a key of a later version, absent from today's cards, changes no hash.
    """
    facts = card.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"owner", *GOVERNANCE_KEYS}
    )
    if card.timezone == DEFAULT_ZONE:
        del facts["timezone"]
    steps = zip(card.steps, facts["steps"], strict=True)
    facts["steps"] = [_meaning(step, written) for step, written in steps]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _meaning(step: Step, written: Mapping[str, Any]) -> dict[str, Any]:
    meaning = {key: value for key, value in written.items() if key not in {"why", "owner"}}
    if step.split and step.do:
        meaning["do"] = {way.target: step.action(way.target) for way in _ways(step)}
    return meaning


@dataclass(frozen=True)
class _Way:
    """One target of a step, and the buckets of a split that lead to it."""

    target: str
    first: int | None = None
    until: int | None = None


def _ways(step: Step) -> Iterator[_Way]:
    if not step.split:
        yield _Way(step.to or "")
        return
    first = 0
    for target, share in sorted(step.split.items()):
        yield _Way(target, first, first + share)
        first += share


def _rules(card: Card) -> Iterator[Rule]:
    turns = _turn_classes(card)
    moves = [
        (step, source, way)
        for step in card.steps
        for source in step.from_ or (None,)
        for way in _ways(step)
    ]
    for number, (step, source, way) in enumerate(moves, start=1):
        yield _rule(number, step, source, way, turns)


def _rule(number: int, step: Step, source: str | None, way: _Way, turns: Mapping[str, int]) -> Rule:
    action = step.action(way.target)
    return Rule(
        rule_no=number,
        transition_id=step.id or transition_id(source, way.target, step.trigger),
        kind=ENTER if source is None else step.kind,
        from_step=source,
        to_step=way.target,
        trigger="timer" if step.is_timer else "event",
        signal=None if step.is_timer else step.trigger,
        turn_class=None if step.is_timer else turns[step.trigger],
        after_s=(step.after or 0) if step.is_timer else None,
        at_s=step.at,
        day_offsets=None if step.at is None else day_offsets(step.days or DAYS),
        split_from=way.first,
        split_until=way.until,
        condition_id=condition_id(step.if_ or (), step.unless or ()),
        action=action,
        on_block=step.on_block if action else None,
        owner=step.owner if action else None,
        within_s=step.within if action else None,
        why=step.why,
    )


def _turn_classes(card: Card) -> dict[str, int]:
    turns: dict[str, int] = {}
    for step in card.steps:
        own = _TURN_CLASSES.get(step.kind, _LAST_TURN)
        turns[step.trigger] = min(own, turns.get(step.trigger, _LAST_TURN))
    return turns


def _conditions(step: Step) -> Iterator[Condition]:
    own = condition_id(step.if_ or (), step.unless or ())
    yield from (Condition(own, guard, True) for guard in step.if_ or ())
    yield from (Condition(own, guard, False) for guard in step.unless or ())
    for guard in (step.enters, step.leaves):
        if guard:
            yield Condition(condition_id((guard,), ()), guard, True)
