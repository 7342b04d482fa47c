"""Mistakes: how the steps hang together."""

from mistakes.table import Mistakes, Said, change, steps

DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'
REACH_MEND = "leave it from an open step, or make that step a plain one"
TAKEN_MEND = "let one of them wait for a guard with `if` or `unless`, or start from another step"
ID_MEND = "give one of them an `id` of its own; the first stands on line 14"
FIRST = "  - {to: waiting, when: quote_started, why: a quote was started}\n"
CIRCLE_MEND = "give one of its steps an event, or an `after` longer than nothing"
EDGE_MEND = "enter by a signal that carries `quote_id`, or take the card's `key` out"

GRAPH_MISTAKES: Mistakes = {
    "no entry": change(
        FIRST,
        "  - {from: reminded, to: waiting, when: order_paid, why: x}\n",
        Said(
            "no_entry",
            8,
            "no step without `from`: nothing can enter",
            "add a step without `from`, such as `{to: waiting, when: <signal>, why: …}`",
        ),
    ),
    "two entries for one signal": change(
        FIRST,
        FIRST + "  - {to: queued, when: quote_started, why: twice}\n",
        Said(
            "entry_repeated",
            10,
            "two entries listen to `quote_started`",
            "keep one; the first stands on line 9",
        ),
    ),
    "two entries for one edge": change(
        FIRST,
        "  - {to: waiting, enters: high_value, why: a}\n"
        "  - {to: queued, enters: high_value, why: b}\n",
        Said(
            "edge_entry_with_key",
            9,
            "`enters` carries no key, the card goes by `quote_id`: nothing would enter",
            EDGE_MEND,
        ),
        Said(
            "edge_entry_with_key",
            10,
            "`enters` carries no key, the card goes by `quote_id`: nothing would enter",
            EDGE_MEND,
        ),
        Said(
            "entry_repeated",
            10,
            "two entries listen to `enters high_value`",
            "keep one; the first stands on line 9",
        ),
    ),
    "a step left that no step enters": change(
        "from: reminded",
        "from: reminder",
        Said("unknown_step", 12, "no step is called `reminder`", "did you mean `reminded`?"),
    ),
    "any beside a step": change(
        "from: reminded",
        "from: [any, reminded]",
        Said(
            "any_in_list",
            12,
            "`any` stands beside other steps",
            "say `from: any` alone, or name the steps",
        ),
    ),
    "an id for two transitions": change(
        "from: reminded",
        "id: called, from: [waiting, reminded]",
        Said(
            "id_on_several",
            12,
            "one `id` for several transitions",
            "write one step for each `from`, or leave `id` out",
        ),
    ),
    "an island": steps(
        ("from: island, to: island, after: 1 day",),
        Said(
            "unreachable_step",
            14,
            "`island` cannot be reached from an entry",
            "let a reachable step lead to it, or take it out",
        ),
    ),
    "a way out of a goal": steps(
        ("from: won, to: waiting, after: 1 day",),
        Said("leaves_final", 14, "`won` has ended the journey: nothing can leave it", REACH_MEND),
    ),
    "a step behind a goal": change(
        "from: reminded",
        "from: won",
        Said(
            "behind_final",
            12,
            "`called` is reached only through a goal or exit",
            "reach it from an open step, or take it out",
        ),
        Said("leaves_final", 12, "`won` has ended the journey: nothing can leave it", REACH_MEND),
    ),
    "a step of two kinds": steps(
        ("from: called, to: won, after: 5 days",),
        Said("kind_conflict", 14, "`won` has two kinds", "give it the kind of line 10"),
    ),
    "a circle without event or wait": steps(
        (
            "from: called, to: again, after: 0 days",
            "from: again, to: called, after: 0 days",
        ),
        Said("duration_not_positive", 14, "`after` must be longer than nothing", DURATION_MEND),
        Said(
            "idle_circle",
            14,
            "`again` is on a circle that needs neither an event nor an `after`",
            CIRCLE_MEND,
        ),
        Said("duration_not_positive", 15, "`after` must be longer than nothing", DURATION_MEND),
        Said(
            "idle_circle",
            15,
            "`called` is on a circle that needs neither an event nor an `after`",
            CIRCLE_MEND,
        ),
    ),
    "a circle of times": steps(
        (
            'from: called, to: a, at: "09:00"',
            'from: a, to: called, at: "17:00"',
        ),
        Said(
            "idle_circle",
            14,
            "`a` is on a circle that needs neither an event nor an `after`",
            CIRCLE_MEND,
        ),
        Said(
            "idle_circle",
            15,
            "`called` is on a circle that needs neither an event nor an `after`",
            CIRCLE_MEND,
        ),
    ),
    "any step back to itself at a time": steps(
        ('from: any, to: a, at: "09:00"',),
        Said(
            "idle_circle",
            14,
            "`a` is on a circle that needs neither an event nor an `after`",
            CIRCLE_MEND,
        ),
    ),
    "a transition written twice": steps(
        (
            "from: waiting, to: won, when: order_paid, kind: goal",
            "from: [reminded, waiting], to: won, when: order_paid, kind: goal",
        ),
        Said("duplicate_transition_id", 15, "two transitions have the same id", ID_MEND),
    ),
    "an id used twice": steps(
        (
            "id: paid, from: waiting, to: won, when: order_paid, kind: goal",
            "id: paid, from: reminded, to: won, when: order_paid, kind: goal",
        ),
        Said("duplicate_transition_id", 15, "two transitions have the same id", ID_MEND),
    ),
    "a transition that a split has too": steps(
        (
            "from: called, split: {a: 50, b: 50}, after: 1 day, if: open_case",
            "from: called, to: a, after: 2 days, unless: open_case",
        ),
        Said(
            "duplicate_transition_id",
            15,
            "two transitions have the same id",
            "give the one without `split` an `id`; the first stands on line 14",
        ),
    ),
    "a transition of two splits": steps(
        (
            "from: called, split: {a: 50, b: 50}, after: 1 day, if: open_case",
            "from: called, split: {a: 10, c: 90}, after: 2 days, unless: open_case",
        ),
        Said(
            "duplicate_transition_id",
            15,
            "two transitions have the same id",
            "a split has no `id`: rename the targets here, or those of line 14",
        ),
    ),
    "a step that a goal always forestalls": steps(
        ("from: waiting, to: second, when: quote_submitted",),
        Said(
            "never_taken",
            14,
            "`second`: never reached from here, since line 10 comes first",
            TAKEN_MEND,
        ),
    ),
    "a longer wait behind a shorter one": steps(
        (
            "from: called, to: a, after: 1 day",
            "from: called, to: b, after: 2 days",
        ),
        Said(
            "never_taken", 15, "`b`: never reached from here, since line 14 comes first", TAKEN_MEND
        ),
    ),
    "a split behind a shorter wait": steps(
        (
            "from: called, to: a, after: 1 day",
            "from: called, split: {b: 50, c: 50}, after: 2 days",
        ),
        Said(
            "never_taken",
            15,
            "`b`, `c`: never reached from here, since line 14 comes first",
            TAKEN_MEND,
        ),
    ),
    "a step behind a split": steps(
        (
            "from: called, split: {a: 50, b: 50}, when: order_paid",
            "from: called, to: c, when: order_paid",
        ),
        Said(
            "never_taken", 15, "`c`: never reached from here, since line 14 comes first", TAKEN_MEND
        ),
    ),
    "a time behind a shorter wait": steps(
        (
            "from: called, to: a, after: 1 day",
            'from: called, to: b, after: 2 days, at: "09:00"',
        ),
        Said(
            "never_taken", 15, "`b`: never reached from here, since line 14 comes first", TAKEN_MEND
        ),
    ),
    "the same time on fewer days": steps(
        (
            'from: called, to: a, at: "09:00", days: weekdays',
            'from: called, to: b, at: "09:00", days: [mon, tue]',
        ),
        Said(
            "never_taken", 15, "`b`: never reached from here, since line 14 comes first", TAKEN_MEND
        ),
    ),
    "a step behind an exit of the same edge": steps(
        (
            "from: any, to: gone, leaves: high_value, kind: exit",
            "from: called, to: a, leaves: high_value",
        ),
        Said(
            "never_taken", 15, "`a`: never reached from here, since line 14 comes first", TAKEN_MEND
        ),
    ),
}
