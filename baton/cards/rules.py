"""Rules of a card that one step, or the card's head, can break by itself."""

from collections.abc import Iterator

from baton.cards.draft import Draft
from baton.cards.durations import seconds_of
from baton.cards.model import ANY, RESERVED
from baton.cards.parse import ParsedCard
from baton.cards.problems import Found


def head_faults(parsed: ParsedCard) -> Iterator[Found]:
    """Yield faults between keys of the card's head."""
    if ("cooldown",) in parsed.lines and parsed.values.get("reentry") != "after_exit":
        line = parsed.line_of(("cooldown",))
        mend = "say `reentry: after_exit`, or take `cooldown` out"
        message = "`cooldown` counts only with `reentry: after_exit`"
        yield Found("cooldown_without_after_exit", line, message, mend)


def step_faults(step: Draft, horizon_s: int | None) -> Iterator[Found]:
    """Yield faults of one step."""
    yield from _trigger_faults(step)
    yield from _end_faults(step)
    yield from _name_faults(step)
    wait = seconds_of(step.raw.get("after"))
    if horizon_s and wait and wait >= horizon_s:
        line, mend = step.line_of("after"), "shorten the wait or lengthen `horizon`"
        yield Found("timer_beyond_horizon", line, "`after` is not within the horizon", mend)


def _trigger_faults(step: Draft) -> Iterator[Found]:
    if step.given("when") and step.given("after"):
        line, mend = step.line_of("after"), "keep one; two causes are two steps"
        yield Found("trigger_doubled", line, "the step has both `when` and `after`", mend)
    elif step.is_entry and step.given("after"):
        line, mend = step.line_of("after"), "use `when: <signal>`, or say which step it leaves"
        yield Found("entry_by_timer", line, "an entry cannot wait: nothing ran before it", mend)
    elif not step.given("when") and not step.given("after"):
        mend = "add `when: <signal>` or `after: <duration>`"
        yield Found("trigger_missing", step.line, "the step has neither `when` nor `after`", mend)


def _end_faults(step: Draft) -> Iterator[Found]:
    kind = step.text("kind")
    if step.is_final and step.given("do"):
        line, mend = step.line_of("do"), "do it in the step before, or make this a plain step"
        yield Found("do_on_final", line, f"a {kind} ends the journey and does nothing", mend)
    if step.is_final and step.is_entry:
        line, mend = step.line_of("kind"), f"say with `from` which step the {kind} leaves"
        yield Found("entry_is_final", line, f"an entry cannot be a {kind}", mend)


def _name_faults(step: Draft) -> Iterator[Found]:
    for key in ("to", "id"):
        if step.text(key) in RESERVED:
            message = f"`{step.text(key)}` is a word of Baton's own"
            yield Found("reserved_name", step.line_of(key), message, "take another name")
    several = len(step.names("from")) > 1
    if several and ANY in step.names("from"):
        mend = "say `from: any` alone, or name the steps"
        yield Found("any_in_list", step.line_of("from"), "`any` stands beside other steps", mend)
    if several and step.given("id"):
        mend = "write one step for each `from`, or leave `id` out"
        yield Found("id_on_several", step.line_of("id"), "one `id` for several transitions", mend)
    for guard in sorted(set(step.names("if")) & set(step.names("unless"))):
        line, mend = step.line_of("unless"), "keep it on one side"
        message = f"`{guard}` is both wanted and unwanted: the step can never be taken"
        yield Found("guard_contradiction", line, message, mend)
