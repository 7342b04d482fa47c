"""Mistakes: names."""

from mistakes.table import Mistakes, Said, change, steps

KEY_MEND = "use a signal that carries `quote_id`, or change the card's `key`"

NAME_MISTAKES: Mistakes = {
    "a misspelt signal": change(
        "when: quote_submitted",
        "when: quote_submited",
        Said(
            "unknown_signal",
            10,
            "no signal is called `quote_submited`",
            "did you mean `quote_submitted`?",
        ),
    ),
    "a guard for a trigger by signal": change(
        "when: quote_submitted",
        "when: high_value",
        Said(
            "unknown_signal",
            10,
            "`high_value` is a guard, no signal",
            "name it under `if`, `unless`, `enters`, `leaves`",
        ),
    ),
    "a signal left out of the hand-list": change(
        "when: quote_submitted",
        "when: quote_viewed",
        Said(
            "unlisted_signal",
            10,
            "the signal `quote_viewed` is not listed",
            "add 'quote_viewed' to union_signals in models/journeys/signals.sql",
        ),
        also={"models/journeys/signals/quote_viewed.sql": "select 1"},
    ),
    "a guard far from any name": change(
        "if: high_value",
        "if: zzz",
        Said(
            "unknown_guard",
            12,
            "no guard is called `zzz`",
            "use one of `high_value`, `open_case`, or add models/journeys/guards/zzz.sql",
        ),
    ),
    "an edge without its guard": change(
        "when: quote_submitted",
        "enters: high_vale",
        Said("unknown_guard", 10, "no guard is called `high_vale`", "did you mean `high_value`?"),
    ),
    "an edge of a signal": change(
        "when: quote_submitted",
        "leaves: case_opened",
        Said("unknown_guard", 10, "`case_opened` is a signal, no guard", "name it under `when`"),
    ),
    "a guard left out of the hand-list": change(
        "if: high_value",
        "if: on_holiday",
        Said(
            "unlisted_guard",
            12,
            "the guard `on_holiday` is not listed",
            "add 'on_holiday' to union_guards in models/journeys/guards.sql",
        ),
        also={"models/journeys/guards/on_holiday.sql": "select 1"},
    ),
    "an edge of a guard left out of the hand-list": change(
        "when: quote_submitted",
        "leaves: on_holiday",
        Said(
            "unlisted_guard",
            10,
            "the guard `on_holiday` is not listed",
            "add 'on_holiday' to union_guards in models/journeys/guards.sql",
        ),
        also={"models/journeys/guards/on_holiday.sql": "select 1"},
    ),
    "a misspelt action": change(
        "do: task_call",
        "do: task_cal",
        Said("unknown_action", 12, "no action is called `task_cal`", "did you mean `task_call`?"),
    ),
    "a misspelt action of a target": steps(
        ("from: called, split: {short: 50, long: 50}, after: 1 day, do: {short: sms_reminer}",),
        Said(
            "unknown_action",
            14,
            "no action is called `sms_reminer`",
            "did you mean `sms_reminder`?",
        ),
    ),
    "a fallback where no message is named": change(
        "do: task_call",
        "do: fallback",
        Said(
            "fallback_without_message",
            12,
            "`fallback` needs a journey whose key names a message",
            "give the card `key: message_id` and entries that carry it, or name an action",
        ),
    ),
    "an owner that is no group": change(
        "owner: sales",
        "owner: salse",
        Said("unknown_owner", 3, "no dbt group is called `salse`", "did you mean `sales`?"),
    ),
    "a hand-over to no group": change(
        "within: 1 day",
        "within: 1 day, owner: servce",
        Said("unknown_owner", 12, "no dbt group is called `servce`", "did you mean `service`?"),
    ),
    "a signal that goes by another key": change(
        "when: quote_submitted",
        "when: message_failed",
        Said(
            "key_mismatch",
            10,
            "`message_failed` carries `message_id`, the card goes by `quote_id`: they never meet",
            KEY_MEND,
        ),
    ),
    "an entry by a keyless signal": change(
        "when: quote_started",
        "when: case_opened",
        Said(
            "key_mismatch",
            9,
            "`case_opened` carries no key, the card goes by `quote_id`: they never meet",
            KEY_MEND,
        ),
    ),
    "freshness that nothing promises": change(
        "reentry: never",
        "require_fresh: true",
        Said(
            "no_promise",
            6,
            "the signal `case_opened` promises no freshness that could be required",
            "add `meta: {baton: {source: web.events, fresh_within: 2 hours}}` under "
            "`config` in models/journeys/signals/case_opened.yml",
        ),
        Said(
            "no_promise",
            6,
            "the signal `quote_submitted` promises no freshness that could be required",
            "add `meta: {baton: {source: web.events, fresh_within: 2 hours}}` under "
            "`config` in models/journeys/signals/quote_submitted.yml",
        ),
    ),
}
