"""Rules of a card that one step, or the card's head, can break by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from baton.cards.draft import EVENT_KEYS, TIMER_KEYS, Draft
from baton.cards.hints import name_hint
from baton.cards.parse import ParsedCard
from baton.cards.problems import Found
from baton.cards.words import ANY, RESERVED

_OPPOSITES = (("if", "unless"), ("enters", "unless"), ("leaves", "if"))


@dataclass(frozen=True)
class _Rule:
    """`keys` say at which line it is shown: that of the first one given, else the step's."""

    code: str
    keys: tuple[str, ...]
    is_broken: Callable[[Draft], object]
    message: str
    mend: str


def _has_event_and_time(step: Draft) -> bool:
    return len(step.given(*EVENT_KEYS)) == 1 and step.given(*TIMER_KEYS) == ("at",)


_RULES = (
    _Rule(
        "trigger_doubled",
        ("at", "after", "leaves", "enters", "when"),
        lambda step: len(step.triggers) > 1 and not _has_event_and_time(step),
        "the step has several triggers: {triggers}",
        "keep one; two causes are two steps",
    ),
    _Rule(
        "at_on_event",
        ("at",),
        _has_event_and_time,
        "{triggers}: an event does not wait for a time",
        "let the event lead to a step, and leave that step with `at`",
    ),
    _Rule(
        "trigger_missing",
        (),
        lambda step: not step.triggers,
        "the step has no trigger",
        "add `when: <signal>`, `enters: <guard>`, `leaves: <guard>`, `after: <duration>` "
        'or `at: "09:00"`',
    ),
    _Rule(
        "entry_by_timer",
        TIMER_KEYS,
        lambda step: step.is_entry and step.triggers in {("after",), ("at",)},
        "an entry cannot wait: nothing ran before it",
        "use `when: <signal>` or `enters: <guard>`, or say which step it leaves",
    ),
    _Rule(
        "days_without_at",
        ("days",),
        lambda step: step.given("days") and not step.given("at"),
        "`days` counts only with `at`",
        'say at what time with `at: "09:00"`, or take `days` out',
    ),
    _Rule(
        "target_missing",
        (),
        lambda step: not step.given("to", "split"),
        "the step leads nowhere",
        "add `to: <step>`",
    ),
    _Rule(
        "target_doubled",
        ("split",),
        lambda step: len(step.given("to", "split")) > 1,
        "the step has both `to` and `split`",
        "keep `to` for one target, `split` for several",
    ),
    _Rule(
        "split_on_final",
        ("split",),
        lambda step: step.is_final and step.given("split"),
        "a {kind} has one way to end, and no split",
        "split into plain steps, and end the journey from there",
    ),
    _Rule(
        "split_with_id",
        ("id",),
        lambda step: step.given("split") and step.given("id"),
        "one `id` for the several transitions of a split",
        "take `id` out: the targets' names tell them apart",
    ),
    _Rule(
        "id_on_several",
        ("id",),
        lambda step: len(step.names("from")) > 1 and step.given("id"),
        "one `id` for several transitions",
        "write one step for each `from`, or leave `id` out",
    ),
    _Rule(
        "do_on_final",
        ("do",),
        lambda step: step.is_final and step.given("do"),
        "a {kind} ends the journey and does nothing",
        "do it in the step before, or make this a plain step",
    ),
    _Rule(
        "do_without_split",
        ("do",),
        lambda step: step.mapping("do") and not step.given("split"),
        "`do` names actions by target, but there is no `split`",
        "write one action, or split into these targets",
    ),
    _Rule(
        "on_block_without_do",
        ("on_block",),
        lambda step: step.given("on_block") and not step.given("do"),
        "`on_block` counts only with `do`",
        "say what is done with `do`, or take `on_block` out",
    ),
    _Rule(
        "entry_is_final",
        ("kind",),
        lambda step: step.is_final and step.is_entry,
        "an entry cannot be a {kind}",
        "say with `from` which step it leaves",
    ),
    _Rule(
        "any_in_list",
        ("from",),
        lambda step: len(step.names("from")) > 1 and ANY in step.names("from"),
        "`any` stands beside other steps",
        "say `from: any` alone, or name the steps",
    ),
)


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
    for rule in _RULES:
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
