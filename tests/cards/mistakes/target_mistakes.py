"""Mistakes: targets, splits and actions."""

from mistakes.table import Mistakes, Said, change, steps

SHARE_MEND = "write a whole number from 1 to 99; all of them together are 100"
WITHIN_MEND = "take `within` out, or use an action that routes or escalates"
HAND_OVER_MEND = "add `within:` with the service level, such as `within: 1 day`"
HAND_OVER = "`task_call` hands over, and nothing says how soon it is taken up"

TARGET_MISTAKES: Mistakes = {
    "a step that leads nowhere": change(
        "to: called, ", "", Said("target_missing", 12, "the step leads nowhere", "add `to: <step>`")
    ),
    "a split beside a target": steps(
        ("from: called, to: c, split: {a: 50, b: 50}, after: 1 day",),
        Said(
            "target_doubled",
            14,
            "the step has both `to` and `split`",
            "keep `to` for one target, `split` for several",
        ),
    ),
    "a split that is a list": steps(
        ("from: called, split: [a, b], after: 1 day",),
        Said(
            "wrong_type",
            14,
            "`split` has the wrong type",
            "it must be a mapping of targets to percentages, such as `{short: 50, long: 50}`",
        ),
    ),
    "a split with one target": steps(
        ("from: called, split: {a: 100}, after: 1 day",),
        Said(
            "split_single",
            14,
            "`split` has fewer than two targets",
            "name two targets or more, or write `to:` instead",
        ),
    ),
    "a percentage in quotes": steps(
        ("from: called, split: {a: '50', b: 50}, after: 1 day",),
        Said("bad_share", 14, "`a` is no whole percentage above 0", SHARE_MEND),
    ),
    "a percentage that is not whole": steps(
        ("from: called, split: {a: 50, b: 12.5, c: 37.5}, after: 1 day",),
        Said("bad_share", 14, "`b` is no whole percentage above 0", SHARE_MEND),
        Said("bad_share", 14, "`c` is no whole percentage above 0", SHARE_MEND),
    ),
    "a percentage of nothing": steps(
        ("from: called, split: {a: 100, b: 0}, after: 1 day",),
        Said("bad_share", 14, "`b` is no whole percentage above 0", SHARE_MEND),
    ),
    "percentages below 100": steps(
        ("from: called, split: {a: 50, b: 40}, after: 1 day",),
        Said(
            "split_sum",
            14,
            "`split` adds up to 90, not to 100",
            "change the percentages until they add up to 100",
        ),
    ),
    "a target with a capital letter": steps(
        ("from: called, split: {A: 50, b: 50}, after: 1 day",),
        Said(
            "bad_name",
            14,
            "`A` is not a name",
            "use small letters, digits and `_`, starting with a letter",
        ),
    ),
    "a target given twice": steps(
        ("from: called, split: {a: 50, a: 50}, after: 1 day",),
        Said(
            "duplicate_key",
            14,
            "`a` is given twice",
            "keep one of them; the first stands on line 14",
        ),
        Said(
            "split_single",
            14,
            "`split` has fewer than two targets",
            "name two targets or more, or write `to:` instead",
        ),
    ),
    "a split goal": steps(
        ("from: called, split: {a: 50, b: 50}, kind: goal, after: 1 day",),
        Said(
            "split_on_final",
            14,
            "a goal has one way to end, and no split",
            "split into plain steps, and end the journey from there",
        ),
    ),
    "a split with an id": steps(
        ("from: called, split: {a: 50, b: 50}, id: trial, after: 1 day",),
        Said(
            "split_with_id",
            14,
            "one `id` for the several transitions of a split",
            "take `id` out: the targets' names tell them apart",
        ),
    ),
    "an entry that ends the journey": change(
        "to: waiting,",
        "to: waiting, kind: goal,",
        Said(
            "entry_is_final", 9, "an entry cannot be a goal", "say with `from` which step it leaves"
        ),
    ),
    "a goal that does something": change(
        "kind: goal",
        "kind: goal, do: sms_reminder",
        Said(
            "do_on_final",
            10,
            "a goal ends the journey and does nothing",
            "do it in the step before, or make this a plain step",
        ),
    ),
    "actions by target without a split": change(
        "do: email_reminder",
        "do: {reminded: email_reminder}",
        Said(
            "do_without_split",
            11,
            "`do` names actions by target, but there is no `split`",
            "write one action, or split into these targets",
        ),
    ),
    "an action for no target of the split": steps(
        ("from: called, split: {short: 50, long: 50}, after: 1 day, do: {shart: sms_reminder}",),
        Said("do_unknown_target", 14, "`shart` is no target of the split", "did you mean `short`?"),
    ),
    "a block of nothing": change(
        "do: email_reminder",
        "on_block: exit",
        Said(
            "on_block_without_do",
            11,
            "`on_block` counts only with `do`",
            "say what is done with `do`, or take `on_block` out",
        ),
    ),
    "a hand-over without a service level": change(
        "within: 1 day, ", "", Said("hand_over_without_within", 12, HAND_OVER, HAND_OVER_MEND)
    ),
    "a hand-over by one target of a split": steps(
        ("from: called, split: {a: 50, b: 50}, after: 1 day, do: {a: task_call, b: sms_reminder}",),
        Said("hand_over_without_within", 14, HAND_OVER, HAND_OVER_MEND),
    ),
    "a service level where nothing is handed over": change(
        "do: email_reminder",
        "do: email_reminder, within: 1 day",
        Said(
            "no_hand_over",
            11,
            "`within` is for hand-overs, and nothing is handed over here",
            WITHIN_MEND,
        ),
    ),
    "an owner where nothing is handed over": change(
        "do: email_reminder",
        "do: email_reminder, owner: sales",
        Said(
            "no_hand_over",
            11,
            "`owner` is for hand-overs, and nothing is handed over here",
            "take `owner` out, or use an action that routes or escalates",
        ),
    ),
    "a service level without an action": change(
        "do: email_reminder",
        "within: 1 day",
        Said(
            "no_hand_over",
            11,
            "`within` is for hand-overs, and nothing is handed over here",
            WITHIN_MEND,
        ),
    ),
}
