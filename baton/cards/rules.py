"""Rules of a card that one step, or the card's head, can break by itself."""

from collections.abc import Iterator

from baton.cards.draft import EVENT_KEYS, TIMER_KEYS, Draft
from baton.cards.hints import name_hint
from baton.cards.parse import ParsedCard
from baton.cards.problems import Found
from baton.cards.step_rules import STEP_RULES
from baton.cards.words import RESERVED

_OPPOSITES = (("if", "unless"), ("enters", "unless"), ("leaves", "if"))


def head_faults(parsed: ParsedCard) -> Iterator[Found]:
    """Yield faults between keys of the card's head."""
    if ("cooldown",) in parsed.lines and parsed.values.get("reentry") != "after_exit":
        line = parsed.line_of(("cooldown",))
        mend = "say `reentry: after_exit`, or take `cooldown` out"
        message = "`cooldown` counts only with `reentry: after_exit`"
        yield Found("cooldown_without_after_exit", line, message, mend)


def step_faults(step: Draft, horizon_s: int | None) -> Iterator[Found]:
    """Yield faults of one step."""
    facts = {"kind": step.kind_word, "triggers": _quoted(step.given(*EVENT_KEYS, *TIMER_KEYS))}
    for rule in STEP_RULES:
        if rule.is_broken(step):
            message = rule.message.format_map(facts)
            yield Found(rule.code, step.line_of(*rule.keys), message, rule.mend)
    yield from _name_faults(step)
    yield from _guard_faults(step)
    if horizon_s and step.wait >= horizon_s:
        line, mend = step.line_of("after"), "shorten the wait or lengthen `horizon`"
        yield Found("timer_beyond_horizon", line, "`after` is not within the horizon", mend)


def _name_faults(step: Draft) -> Iterator[Found]:
    named = [(f"split.{name}", name) for name in step.mapping("split")]
    for key, name in [("to", step.text("to")), ("id", step.text("id")), *named]:
        if name in RESERVED:
            line = step.line_of(key)
            message = f"`{name}` is a word of Baton's own"
            yield Found("reserved_name", line, message, "take another name")
    for target in step.mapping("do") if step.given("split") else ():
        if target not in step.mapping("split"):
            line = step.line_of(f"do.{target}", "do")
            mend = name_hint(target, step.targets, f"add `{target}` to the split")
            yield Found("do_unknown_target", line, f"`{target}` is no target of the split", mend)


def _guard_faults(step: Draft) -> Iterator[Found]:
    for first, second in _OPPOSITES:
        for guard in sorted(set(step.names(first)) & set(step.names(second))):
            message = f"`{first}` and `{second}` both name `{guard}`: the step can never be taken"
            mend = "keep it on one side"
            yield Found("guard_contradiction", step.line_of(second), message, mend)


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
