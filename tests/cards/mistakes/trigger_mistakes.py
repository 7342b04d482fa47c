"""Mistakes: triggers and conditions."""

from mistakes.table import Mistakes, Said, change

ENTRY_MEND = "use `when: <signal>` or `enters: <guard>`, or say which step it leaves"
DAYS_MEND = 'say at what time with `at: "09:00"`, or take `days` out'

TRIGGER_MISTAKES: Mistakes = {
    "a step with two causes": change(
        "after: 2 hours",
        "after: 2 hours, when: quote_submitted",
        Said(
            "trigger_doubled",
            11,
            "the step has several triggers: `when`, `after`",
            "keep one; two causes are two steps",
        ),
    ),
    "three causes": change(
        "after: 2 hours",
        "after: 2 hours, enters: high_value, leaves: high_value",
        Said(
            "trigger_doubled",
            11,
            "the step has several triggers: `enters`, `leaves`, `after`",
            "keep one; two causes are two steps",
        ),
    ),
    "a signal and an edge": change(
        "when: quote_submitted",
        "when: quote_submitted, enters: high_value",
        Said(
            "trigger_doubled",
            10,
            "the step has several triggers: `when`, `enters`",
            "keep one; two causes are two steps",
        ),
    ),
    "an event at a time": change(
        "when: quote_submitted",
        'when: quote_submitted, at: "09:00"',
        Said(
            "at_on_event",
            10,
            "`when`, `at`: an event does not wait for a time",
            "let the event lead to a step, and leave that step with `at`",
        ),
    ),
    "a step without a cause": change(
        "after: 2 hours, ",
        "",
        Said(
            "trigger_missing",
            11,
            "the step has no trigger",
            "add `when: <signal>`, `enters: <guard>`, `leaves: <guard>`, `after: "
            '<duration>` or `at: "09:00"`',
        ),
    ),
    "days without a time": change(
        "after: 2 hours",
        "after: 2 hours, days: weekdays",
        Said("days_without_at", 11, "`days` counts only with `at`", DAYS_MEND),
    ),
    "an edge on days": change(
        "when: quote_submitted",
        "enters: high_value, days: weekdays",
        Said("days_without_at", 10, "`days` counts only with `at`", DAYS_MEND),
    ),
    "an entry that waits": change(
        "to: waiting, when: quote_started",
        "to: waiting, after: 1 day",
        Said("entry_by_timer", 9, "an entry cannot wait: nothing ran before it", ENTRY_MEND),
    ),
    "an entry at a time": change(
        "to: waiting, when: quote_started",
        'to: waiting, at: "09:00"',
        Said("entry_by_timer", 9, "an entry cannot wait: nothing ran before it", ENTRY_MEND),
    ),
    "a wait as long as the horizon": change(
        "after: 1 day,",
        "after: 30 days,",
        Said(
            "timer_beyond_horizon",
            12,
            "`after` is not within the horizon",
            "shorten the wait or lengthen `horizon`",
        ),
    ),
    "a guard wanted and unwanted": change(
        "if: high_value",
        "if: high_value, unless: [open_case, high_value]",
        Said(
            "guard_contradiction",
            12,
            "`if` and `unless` both name `high_value`: the step can never be taken",
            "keep it on one side",
        ),
    ),
    "the beginning of a guard that must not hold": change(
        "when: quote_submitted",
        "enters: high_value, unless: high_value",
        Said(
            "guard_contradiction",
            10,
            "`enters` and `unless` both name `high_value`: the step can never be taken",
            "keep it on one side",
        ),
    ),
    "the end of a guard that must hold": change(
        "when: quote_submitted",
        "leaves: high_value, if: high_value",
        Said(
            "guard_contradiction",
            10,
            "`leaves` and `if` both name `high_value`: the step can never be taken",
            "keep it on one side",
        ),
    ),
    "an entry by an edge where there is a key": change(
        "when: quote_started",
        "enters: high_value",
        Said(
            "edge_entry_with_key",
            9,
            "`enters` carries no key, the card goes by `quote_id`: nothing would enter",
            "enter by a signal that carries `quote_id`, or take the card's `key` out",
        ),
    ),
}
