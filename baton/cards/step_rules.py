"""The table of mistakes that the keys of one step can make together."""

from collections.abc import Callable
from dataclasses import dataclass

from baton.cards.draft import EVENT_KEYS, TIMER_KEYS, Draft
from baton.cards.words import ANY


@dataclass(frozen=True)
class StepRule:
    """What a step must not be. `keys` say at which line it is shown: that of the first one given.

    The message may hold `{kind}` and `{triggers}` of the step.
    """

    code: str
    keys: tuple[str, ...]
    is_broken: Callable[[Draft], object]
    message: str
    mend: str


def _has_event_and_time(step: Draft) -> bool:
    return len(step.given(*EVENT_KEYS)) == 1 and step.given(*TIMER_KEYS) == ("at",)


STEP_RULES = (
    StepRule(
        "trigger_doubled",
        ("at", "after", "leaves", "enters", "when"),
        lambda step: len(step.triggers) > 1 and not _has_event_and_time(step),
        "the step has several triggers: {triggers}",
        "keep one; two causes are two steps",
    ),
    StepRule(
        "at_on_event",
        ("at",),
        _has_event_and_time,
        "{triggers}: an event does not wait for a time",
        "let the event lead to a step, and leave that step with `at`",
    ),
    StepRule(
        "trigger_missing",
        (),
        lambda step: not step.triggers,
        "the step has no trigger",
        "add `when: <signal>`, `enters: <guard>`, `leaves: <guard>`, `after: <duration>` "
        'or `at: "09:00"`',
    ),
    StepRule(
        "entry_by_timer",
        TIMER_KEYS,
        lambda step: step.is_entry and step.triggers in {("after",), ("at",)},
        "an entry cannot wait: nothing ran before it",
        "use `when: <signal>` or `enters: <guard>`, or say which step it leaves",
    ),
    StepRule(
        "days_without_at",
        ("days",),
        lambda step: step.given("days") and not step.given("at"),
        "`days` counts only with `at`",
        'say at what time with `at: "09:00"`, or take `days` out',
    ),
    StepRule(
        "target_missing",
        (),
        lambda step: not step.given("to", "split"),
        "the step leads nowhere",
        "add `to: <step>`",
    ),
    StepRule(
        "target_doubled",
        ("split",),
        lambda step: len(step.given("to", "split")) > 1,
        "the step has both `to` and `split`",
        "keep `to` for one target, `split` for several",
    ),
    StepRule(
        "split_on_final",
        ("split",),
        lambda step: step.is_final and step.given("split"),
        "a {kind} has one way to end, and no split",
        "split into plain steps, and end the journey from there",
    ),
    StepRule(
        "split_with_id",
        ("id",),
        lambda step: step.given("split") and step.given("id"),
        "one `id` for the several transitions of a split",
        "take `id` out: the targets' names tell them apart",
    ),
    StepRule(
        "id_on_several",
        ("id",),
        lambda step: len(step.names("from")) > 1 and step.given("id"),
        "one `id` for several transitions",
        "write one step for each `from`, or leave `id` out",
    ),
    StepRule(
        "do_on_final",
        ("do",),
        lambda step: step.is_final and step.given("do"),
        "a {kind} ends the journey and does nothing",
        "do it in the step before, or make this a plain step",
    ),
    StepRule(
        "do_without_split",
        ("do",),
        lambda step: step.mapping("do") and not step.given("split"),
        "`do` names actions by target, but there is no `split`",
        "write one action, or split into these targets",
    ),
    StepRule(
        "on_block_without_do",
        ("on_block",),
        lambda step: step.given("on_block") and not step.given("do"),
        "`on_block` counts only with `do`",
        "say what is done with `do`, or take `on_block` out",
    ),
    StepRule(
        "entry_is_final",
        ("kind",),
        lambda step: step.is_final and step.is_entry,
        "an entry cannot be a {kind}",
        "say with `from` which step it leaves",
    ),
    StepRule(
        "any_in_list",
        ("from",),
        lambda step: len(step.names("from")) > 1 and ANY in step.names("from"),
        "`any` stands beside other steps",
        "say `from: any` alone, or name the steps",
    ),
)
