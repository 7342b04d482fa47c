"""Every fault of a card is said with its code, its line in the .sql file and the mend."""

import pytest

from baton.cards import Vocabulary, check_card

WHOLE_MEND = "the file holds one `{% call journey() %}`, the card, and `{% endcall %}`"
DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'
NAME_MEND = "use small letters, digits and `_`, starting with a letter"
VALUE_MEND = "give it a value or take the key out"
TEXT_MEND = "it must be text; put it in quotes if it looks like a number, a date or yes/no"
REACH_MEND = "leave it from an open step, or make that step a plain one"
TAKEN_MEND = "let one of them wait for a guard with `if` or `unless`, or start from another step"
KEY_MEND = "use a signal that carries `quote_id`, or change the card's `key`"
ID_MEND = "give one of them an `id` of its own; the first stands on line 14"
FIRST = "  - {to: waiting, when: quote_started, why: a quote was started}\n"
LAST = "  - {from: any, to: exited, when: case_opened, kind: exit, why: a case comes first}\n"


def after_last(*steps: str) -> tuple[str, str]:
    return LAST, LAST + "".join(f"  - {{{step}, why: x}}\n" for step in steps)


CASES: dict[str, tuple[tuple[str, str], list[tuple[str, int, str]]]] = {
    "a file without a card": (
        ("{% call journey() %}", "-- none"),
        [("call_missing", 1, WHOLE_MEND)],
    ),
    "a call with an argument": (
        ("journey() %}", "journey('x') %}"),
        [("call_broken", 1, "write exactly `{% call journey() %}`, without arguments or `-`")],
    ),
    "a call that trims its white space": (
        ("{% call journey() %}", "{%- call journey() -%}"),
        [("call_broken", 1, "write exactly `{% call journey() %}`, without arguments or `-`")],
    ),
    "a card that never ends": (("{% endcall %}", ""), [("call_not_closed", 1, WHOLE_MEND)]),
    "a second card in the file": (
        ("{% endcall %}\n", "{% endcall %}\n\n{% call journey() %}\n{% endcall %}\n"),
        [("call_repeated", 16, WHOLE_MEND)],
    ),
    "SQL beside the card": (
        ("{% endcall %}\n", "{% endcall %}\n-- a comment is fine\nselect 1\n"),
        [("text_outside_card", 16, f"take it out: {WHOLE_MEND}")],
    ),
    "Jinja in the card": (
        ("30 days", "{{ var('horizon') }}"),
        [
            (
                "jinja_in_card",
                7,
                "a card is plain YAML: write the value out, and comments with `#`",
            )
        ],
    ),
    "YAML that does not parse": (
        ("purpose: marketing", "purpose: mark: eting"),
        [
            (
                "yaml_syntax",
                4,
                "look at quotes, brackets and indentation here; quote text that holds `: ` or `#`",
            )
        ],
    ),
    "an anchor": (
        ("key: quote_id", "key: &k quote_id"),
        [("yaml_alias", 5, "write the value out: `&` and `*` are not read")],
    ),
    "a character that is no UTF-8": (
        ("why: late", "why: la\ufffdte"),
        [("not_utf8", 11, "save it as UTF-8")],
    ),
    "a key given twice in the head": (
        ("purpose: marketing", "purpose: marketing\npurpose: sales"),
        [("duplicate_key", 5, "keep one of them; the first stands on line 4")],
    ),
    "a key given twice in a step": (
        ("kind: goal,", "kind: goal, kind: exit,"),
        [("duplicate_key", 10, "keep one of them; the first stands on line 10")],
    ),
    "a misspelt key of the head": (
        ("key: quote_id", "keys: quote_id"),
        [("unknown_key", 5, "did you mean `key`?")],
    ),
    "a misspelt key of a step": (
        ("if: high_value", "unles: high_value"),
        [("unknown_key", 12, "did you mean `unless`?")],
    ),
    "no owner": (("owner: sales\n", ""), [("missing_key", 2, "add `owner: …`")]),
    "no horizon": (("horizon: 30 days\n", ""), [("missing_key", 2, "add `horizon: …`")]),
    "no reason for a step": ((", why: late", ""), [("missing_key", 11, "add `why: …`")]),
    "a key without a value": (("key: quote_id", "key:"), [("empty_value", 5, VALUE_MEND)]),
    "an owner of no letters": (("owner: sales", "owner: ''"), [("empty_value", 3, VALUE_MEND)]),
    "an empty reason": (
        ("why: late", "why: ' '"),
        [("empty_value", 11, "say in a few words why this happens")],
    ),
    "an empty list of guards": (
        ("if: high_value", "if: []"),
        [("empty_value", 12, "name at least one, or take the key out")],
    ),
    "a number in quotes": (
        ("reentry: never", "max_steps: '50'"),
        [("wrong_type", 6, "it must be a whole number, without quotes")],
    ),
    "a word for yes or no": (
        ("reentry: never", "require_fresh: often"),
        [("wrong_type", 6, "it must be true or false")],
    ),
    "a date for a reason": (("why: late", "why: 2024-01-31"), [("wrong_type", 11, TEXT_MEND)]),
    "a date that is none": (
        ("why: late", "why: 2024-13-31"),
        [("wrong_type", 11, "put it in quotes")],
    ),
    "a step that is a word": (
        (FIRST, f"{FIRST}  - waiting\n"),
        [
            (
                "wrong_type",
                10,
                "it must be a mapping of keys, such as `{to: …, when: …, why: …}`",
            )
        ],
    ),
    "a purpose that is none": (
        ("purpose: marketing", "purpose: adverts"),
        [("bad_value", 4, "use 'marketing', 'sales', 'service' or 'transactional'")],
    ),
    "a misspelt kind": (("kind: goal", "kind: gaol"), [("bad_value", 10, "did you mean `goal`?")]),
    "a step with a capital letter": (("to: won", "to: Won"), [("bad_name", 10, NAME_MEND)]),
    "a unit of time that is none": (
        ("30 days", "30 moons"),
        [("bad_duration", 7, DURATION_MEND)],
    ),
    "a wait without a unit": (
        ("after: 2 hours", "after: 2"),
        [("bad_duration", 11, DURATION_MEND)],
    ),
    "a wait of nothing": (
        ("after: 2 hours", "after: 0 hours"),
        [("duration_not_positive", 11, DURATION_MEND)],
    ),
    "a wait into the past": (
        ("after: 2 hours", "after: -2 hours"),
        [("duration_not_positive", 11, DURATION_MEND)],
    ),
    "a horizon past all calendars": (
        ("30 days", "4000 days"),
        [("duration_too_long", 7, "3650 days at most")],
    ),
    "no steps allowed": (
        ("reentry: never", "max_steps: 0"),
        [("out_of_range", 6, "use a whole number from 1 to 1000")],
    ),
    "a backslash": (
        ("why: late", "why: late\\n"),
        [("bad_character", 11, "write it without: warehouses read a backslash differently")],
    ),
    "a step named as Baton names its own": (
        ("to: won", "to: expired"),
        [("reserved_name", 10, "take another name")],
    ),
    "a cooldown without re-entry": (
        ("reentry: never", "cooldown: 1 day"),
        [
            (
                "cooldown_without_after_exit",
                6,
                "say `reentry: after_exit`, or take `cooldown` out",
            )
        ],
    ),
    "a step with two causes": (
        ("after: 2 hours", "after: 2 hours, when: quote_submitted"),
        [("trigger_doubled", 11, "keep one; two causes are two steps")],
    ),
    "a step without a cause": (
        ("after: 2 hours, ", ""),
        [
            (
                "trigger_missing",
                11,
                "add `when: <signal>`, `enters: <guard>`, `leaves: <guard>`, `after: <duration>` "
                'or `at: "09:00"`',
            )
        ],
    ),
    "an entry that waits": (
        ("to: waiting, when: quote_started", "to: waiting, after: 1 day"),
        [
            (
                "entry_by_timer",
                9,
                "use `when: <signal>` or `enters: <guard>`, or say which step it leaves",
            )
        ],
    ),
    "an entry that ends the journey": (
        ("to: waiting,", "to: waiting, kind: goal,"),
        [("entry_is_final", 9, "say with `from` which step it leaves")],
    ),
    "a goal that does something": (
        ("kind: goal", "kind: goal, do: task_call"),
        [("do_on_final", 10, "do it in the step before, or make this a plain step")],
    ),
    "a guard wanted and unwanted": (
        ("if: high_value", "if: high_value, unless: [open_case, high_value]"),
        [("guard_contradiction", 12, "keep it on one side")],
    ),
    "a step left that no step enters": (
        ("from: reminded", "from: reminder"),
        [("unknown_step", 12, "did you mean `reminded`?")],
    ),
    "any beside a step": (
        ("from: reminded", "from: [any, reminded]"),
        [("any_in_list", 12, "say `from: any` alone, or name the steps")],
    ),
    "an id for two transitions": (
        ("from: reminded", "id: called, from: [waiting, reminded]"),
        [("id_on_several", 12, "write one step for each `from`, or leave `id` out")],
    ),
    "no entry": (
        (FIRST, "  - {from: reminded, to: waiting, when: order_paid, why: x}\n"),
        [
            (
                "no_entry",
                8,
                "add a step without `from`, such as `{to: waiting, when: <signal>, why: …}`",
            )
        ],
    ),
    "two entries for one signal": (
        (FIRST, f"{FIRST}  - {{to: queued, when: quote_started, why: twice}}\n"),
        [("entry_repeated", 10, "keep one; the first stands on line 9")],
    ),
    "an island": (
        after_last("from: island, to: island, after: 1 day"),
        [("unreachable_step", 14, "let a reachable step lead to it, or take it out")],
    ),
    "a way out of a goal": (
        after_last("from: won, to: waiting, after: 1 day"),
        [("leaves_final", 14, REACH_MEND)],
    ),
    "a step behind a goal": (
        ("from: reminded", "from: won"),
        [
            ("behind_final", 12, "reach it from an open step, or take it out"),
            ("leaves_final", 12, REACH_MEND),
        ],
    ),
    "a step of two kinds": (
        after_last("from: called, to: won, after: 5 days"),
        [("kind_conflict", 14, "give it the kind of line 10")],
    ),
    "a circle without event or wait": (
        after_last(
            "from: called, to: again, after: 0 days", "from: again, to: called, after: 0 days"
        ),
        [
            ("duration_not_positive", 14, DURATION_MEND),
            (
                "idle_circle",
                14,
                "give one of its steps an event, or an `after` longer than nothing",
            ),
            ("duration_not_positive", 15, DURATION_MEND),
            (
                "idle_circle",
                15,
                "give one of its steps an event, or an `after` longer than nothing",
            ),
        ],
    ),
    "a wait as long as the horizon": (
        ("after: 1 day,", "after: 30 days,"),
        [("timer_beyond_horizon", 12, "shorten the wait or lengthen `horizon`")],
    ),
    "a transition written twice": (
        after_last(
            "from: waiting, to: won, when: order_paid, kind: goal",
            "from: [reminded, waiting], to: won, when: order_paid, kind: goal",
        ),
        [("duplicate_transition_id", 15, ID_MEND)],
    ),
    "an id used twice": (
        after_last(
            "id: paid, from: waiting, to: won, when: order_paid, kind: goal",
            "id: paid, from: reminded, to: won, when: order_paid, kind: goal",
        ),
        [("duplicate_transition_id", 15, ID_MEND)],
    ),
    "a step that a goal always forestalls": (
        after_last("from: waiting, to: second, when: quote_submitted"),
        [("never_taken", 14, TAKEN_MEND)],
    ),
    "a longer wait behind a shorter one": (
        after_last("from: called, to: a, after: 1 day", "from: called, to: b, after: 2 days"),
        [("never_taken", 15, TAKEN_MEND)],
    ),
    "a misspelt signal": (
        ("when: quote_submitted", "when: quote_submited"),
        [("unknown_signal", 10, "did you mean `quote_submitted`?")],
    ),
    "a signal left out of the hand-list": (
        ("when: quote_submitted", "when: quote_viewed"),
        [
            (
                "unlisted_signal",
                10,
                "add 'quote_viewed' to union_signals in models/journeys/signals.sql",
            )
        ],
    ),
    "a guard far from any name": (
        ("if: high_value", "if: zzz"),
        [
            (
                "unknown_guard",
                12,
                "use one of `high_value`, `on_holiday`, `open_case`, "
                "or add models/journeys/guards/zzz.sql",
            )
        ],
    ),
    "a guard left out of the hand-list": (
        ("if: high_value", "if: on_holiday"),
        [("unlisted_guard", 12, "add 'on_holiday' to union_guards in models/journeys/guards.sql")],
    ),
    "a misspelt action": (
        ("do: task_call", "do: task_cal"),
        [("unknown_action", 12, "did you mean `task_call`?")],
    ),
    "a fallback where no message is named": (
        ("do: task_call", "do: fallback"),
        [
            (
                "fallback_without_message",
                12,
                "give the card `key: message_id` and entries that carry it, or name an action",
            )
        ],
    ),
    "an owner that is no group": (
        ("owner: sales", "owner: salse"),
        [("unknown_owner", 3, "did you mean `sales`?")],
    ),
    "a signal that goes by another key": (
        ("when: quote_submitted", "when: message_failed"),
        [("key_mismatch", 10, KEY_MEND)],
    ),
    "an entry by a keyless signal": (
        ("when: quote_started", "when: case_opened"),
        [("key_mismatch", 9, KEY_MEND)],
    ),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_a_fault_is_said_with_line_and_mend_and_nothing_else_is(
    card_text: str,
    vocabulary: Vocabulary,
    change: tuple[str, str],
    expected: list[tuple[str, int, str]],
) -> None:
    assert card_text.count(change[0]) == 1
    checked = check_card(card_text.replace(*change), vocabulary)
    assert [(one.code, one.line, one.mend) for one in checked.faults] == expected
    assert checked.card is None


def test_the_faults_have_more_than_fifty_codes() -> None:
    codes = {code for _, expected in CASES.values() for code, _, _ in expected}
    assert len(codes) >= 50


def test_a_card_that_is_a_list_has_no_keys(vocabulary: Vocabulary) -> None:
    checked = check_card("{% call journey() %}\n- journey\n{% endcall %}\n", vocabulary)
    assert [(one.code, one.line, one.mend) for one in checked.faults] == [
        ("not_a_card", 1, "start with `journey: <name>` and list the steps under `steps:`")
    ]


def test_all_faults_of_a_card_are_said_at_once(card_text: str, vocabulary: Vocabulary) -> None:
    faulty = (
        card_text.replace("owner: sales", "owner: salse")
        .replace("30 days", "30 moons")
        .replace("kind: goal", "kind: gaol")
        .replace("from: waiting", "from: wating")
        .replace("do: task_call", "do: task_cal")
        .replace(", why: a case comes first", "")
    )
    found = [(one.line, one.code) for one in check_card(faulty, vocabulary).faults]
    assert found == [
        (3, "unknown_owner"),
        (7, "bad_duration"),
        (10, "bad_value"),
        (11, "unknown_step"),
        (12, "unknown_action"),
        (13, "missing_key"),
    ]
