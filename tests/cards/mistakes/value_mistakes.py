"""Mistakes: keys and values."""

from mistakes.table import Mistakes, Said, change, steps

DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'
VALUE_MEND = "give it a value or take the key out"

VALUE_MISTAKES: Mistakes = {
    "a key given twice in the head": change(
        "purpose: marketing",
        "purpose: marketing\npurpose: sales",
        Said(
            "duplicate_key",
            5,
            "`purpose` is given twice",
            "keep one of them; the first stands on line 4",
        ),
    ),
    "a key given twice in a step": change(
        "kind: goal,",
        "kind: goal, kind: exit,",
        Said(
            "duplicate_key",
            10,
            "`kind` is given twice",
            "keep one of them; the first stands on line 10",
        ),
    ),
    "a misspelt key of the head": change(
        "key: quote_id",
        "keys: quote_id",
        Said("unknown_key", 5, "`keys` is not a key Baton knows", "did you mean `key`?"),
    ),
    "a misspelt key of a step": change(
        "if: high_value",
        "unles: high_value",
        Said("unknown_key", 12, "`unles` is not a key Baton knows", "did you mean `unless`?"),
    ),
    "no owner": change(
        "owner: sales\n", "", Said("missing_key", 2, "the card has no `owner`", "add `owner: …`")
    ),
    "no horizon": change(
        "horizon: 30 days\n",
        "",
        Said("missing_key", 2, "the card has no `horizon`", "add `horizon: …`"),
    ),
    "no reason for a step": change(
        ", why: late", "", Said("missing_key", 11, "the step has no `why`", "add `why: …`")
    ),
    "a key without a value": change(
        "key: quote_id", "key:", Said("empty_value", 5, "`key` has no value", VALUE_MEND)
    ),
    "an owner of no letters": change(
        "owner: sales", "owner: ''", Said("empty_value", 3, "`owner` has no value", VALUE_MEND)
    ),
    "an empty reason": change(
        "why: late",
        "why: ' '",
        Said("empty_value", 11, "`why` has no value", "say in a few words why this happens"),
    ),
    "an empty list of guards": change(
        "if: high_value",
        "if: []",
        Said("empty_value", 12, "`if` is an empty list", "name at least one, or take the key out"),
    ),
    "an empty list of days": change(
        "after: 2 hours",
        'at: "09:00", days: []',
        Said(
            "empty_value", 11, "`days` is an empty list", "name at least one, or take the key out"
        ),
    ),
    "a number in quotes": change(
        "reentry: never",
        "max_steps: '50'",
        Said(
            "wrong_type",
            6,
            "`max_steps` has the wrong type",
            "it must be a whole number, without quotes",
        ),
    ),
    "a word for yes or no": change(
        "reentry: never",
        "require_fresh: often",
        Said("wrong_type", 6, "`require_fresh` has the wrong type", "it must be true or false"),
    ),
    "a date for a reason": change(
        "why: late",
        "why: 2024-01-31",
        Said(
            "wrong_type",
            11,
            "`why` has the wrong type",
            "it must be text; put it in quotes if it looks like a number, a date or yes/no",
        ),
    ),
    "a date that is none": change(
        "why: late",
        "why: 2024-13-31",
        Said("wrong_type", 11, "`2024-13-31` is no plain value", "put it in quotes"),
    ),
    "a step that is a word": change(
        "  - {to: waiting, when: quote_started, why: a quote was started}\n",
        "  - {to: waiting, when: quote_started, why: a quote was started}\n  - waiting\n",
        Said(
            "wrong_type",
            10,
            "step 2 has the wrong type",
            "it must be a mapping of keys, such as `{to: …, when: …, why: …}`",
        ),
    ),
    "a name that YAML reads as yes or no": steps(
        ("from: called, split: {yes: 50, other: 50}, after: 1 day",),
        Said("wrong_type", 14, "`yes` is not read as a name", 'put it in quotes: "yes"'),
    ),
    "a purpose that is none": change(
        "purpose: marketing",
        "purpose: adverts",
        Said(
            "bad_value",
            4,
            "`purpose` is none of the values it may have",
            "use 'marketing', 'sales', 'service' or 'transactional'",
        ),
    ),
    "a misspelt kind": change(
        "kind: goal",
        "kind: gaol",
        Said("bad_value", 10, "`kind` is none of the values it may have", "did you mean `goal`?"),
    ),
    "a migration of another kind": change(
        "reentry: never",
        "migrate: always",
        Said("bad_value", 6, "`migrate` is none of the values it may have", "use 'in_flight'"),
    ),
    "a word for a block that is none": change(
        "do: email_reminder,",
        "do: email_reminder, on_block: stop,",
        Said(
            "bad_value", 11, "`on_block` is none of the values it may have", "use 'wait' or 'exit'"
        ),
    ),
    "a step with a capital letter": change(
        "to: won",
        "to: Won",
        Said(
            "bad_name",
            10,
            "`to` is not a name",
            "use small letters, digits and `_`, starting with a letter",
        ),
    ),
    "a unit of time that is none": change(
        "30 days", "30 moons", Said("bad_duration", 7, "`horizon` is not a duration", DURATION_MEND)
    ),
    "a wait without a unit": change(
        "after: 2 hours",
        "after: 2",
        Said("bad_duration", 11, "`after` is not a duration", DURATION_MEND),
    ),
    "a wait of nothing": change(
        "after: 2 hours",
        "after: 0 hours",
        Said("duration_not_positive", 11, "`after` must be longer than nothing", DURATION_MEND),
    ),
    "a wait into the past": change(
        "after: 2 hours",
        "after: -2 hours",
        Said("duration_not_positive", 11, "`after` must be longer than nothing", DURATION_MEND),
    ),
    "a horizon past all calendars": change(
        "30 days",
        "4000 days",
        Said("duration_too_long", 7, "`horizon` is longer than ten years", "3650 days at most"),
    ),
    "no steps allowed": change(
        "reentry: never",
        "max_steps: 0",
        Said("out_of_range", 6, "`max_steps` is out of range", "use a whole number from 1 to 1000"),
    ),
    "a backslash": change(
        "why: late",
        "why: late\\n",
        Said(
            "bad_character",
            11,
            "`why` holds a backslash or a control character",
            "write it without: warehouses read a backslash differently",
        ),
    ),
    "a time zone that is none": change(
        "reentry: never",
        "timezone: Europe/Berlni",
        Said(
            "unknown_zone",
            6,
            "`timezone` names no time zone: `Europe/Berlni`",
            "did you mean `Europe/Berlin`?",
        ),
    ),
    "a city without its continent": change(
        "reentry: never",
        "timezone: berlin",
        Said(
            "unknown_zone",
            6,
            "`timezone` names no time zone: `berlin`",
            "did you mean `Europe/Berlin`?",
        ),
    ),
    "a time without quotes": change(
        "after: 2 hours",
        "at: 10:30",
        Said("bad_time", 11, "`at` is not a local time", 'put it in quotes: "10:30"'),
    ),
    "a time that is none": change(
        "after: 2 hours",
        'at: "9 am"',
        Said(
            "bad_time",
            11,
            "`at` is not a local time",
            'write hours and minutes in quotes, such as "09:00"',
        ),
    ),
    "a day that is none": change(
        "after: 2 hours",
        'at: "09:00", days: [mon, tuesday]',
        Said("unknown_day", 11, "`days` names no day: `tuesday`", "did you mean `tue`?"),
    ),
    "a step named as Baton names its own": change(
        "to: won",
        "to: expired",
        Said("reserved_name", 10, "`expired` is a word of Baton's own", "take another name"),
    ),
    "a target named as Baton names its own": steps(
        ("from: called, split: {a: 50, blocked: 50}, after: 1 day",),
        Said("reserved_name", 14, "`blocked` is a word of Baton's own", "take another name"),
    ),
    "a cooldown without re-entry": change(
        "reentry: never",
        "cooldown: 1 day",
        Said(
            "cooldown_without_after_exit",
            6,
            "`cooldown` counts only with `reentry: after_exit`",
            "say `reentry: after_exit`, or take `cooldown` out",
        ),
    ),
}
