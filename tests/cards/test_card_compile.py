"""The rows a card compiles to, and what does and does not change its hash."""

import json
from dataclasses import replace
from itertools import permutations

import pytest

from baton.cards import CompiledCard, Condition, Rule, Vocabulary, check_card, compile_card
from baton.ids import make_id


def compiled(text: str, vocabulary: Vocabulary) -> CompiledCard:
    checked = check_card(text, vocabulary)
    assert checked.faults == ()
    assert checked.card is not None
    return compile_card(checked.card, text)


def test_a_card_becomes_one_row_with_seconds(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace("reentry: never", "reentry: after_exit\ncooldown: 1 day")
    card = compiled(text, vocabulary)
    assert (card.journey, card.owner, card.purpose) == ("quote_stalled", "sales", "marketing")
    assert (card.brand, card.key, card.reentry) == ("main", "quote_id", "after_exit")
    assert (card.cooldown_s, card.horizon_s, card.grace_s) == (86_400, 2_592_000, 604_800)
    assert (card.max_steps, card.require_fresh, card.card_text) == (50, False, text)


def test_a_transition_becomes_one_rule(card_text: str, vocabulary: Vocabulary) -> None:
    card = compiled(card_text, vocabulary)
    assert card.rules[0] == Rule(
        rule_no=1,
        transition_id=make_id("transition", None, "waiting", "quote_started"),
        kind="enter",
        from_step=None,
        to_step="waiting",
        trigger="event",
        signal="quote_started",
        turn_class=3,
        after_s=None,
        at_s=None,
        day_offsets=None,
        split_from=None,
        split_until=None,
        condition_id="always",
        action=None,
        on_block=None,
        owner=None,
        within_s=None,
        why="a quote was started",
    )
    assert card.rules[2] == Rule(
        rule_no=3,
        transition_id=make_id("transition", "waiting", "reminded", "timer"),
        kind="step",
        from_step="waiting",
        to_step="reminded",
        trigger="timer",
        signal=None,
        turn_class=None,
        after_s=7200,
        at_s=None,
        day_offsets=None,
        split_from=None,
        split_until=None,
        condition_id=make_id("condition", "", "open_case"),
        action="email_reminder",
        on_block=None,
        owner=None,
        within_s=None,
        why="late",
    )
    assert [(rule.kind, rule.from_step) for rule in card.rules[1::3]] == [
        ("goal", "any"),
        ("exit", "any"),
    ]


def test_each_step_a_transition_leaves_has_a_rule_of_its_own(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = card_text.replace("from: any, to: won", "from: [waiting, called, reminded], to: won")
    rules = compiled(text, vocabulary).rules
    assert [rule.rule_no for rule in rules] == [1, 2, 3, 4, 5, 6, 7]
    assert [rule.from_step for rule in rules[1:4]] == ["called", "reminded", "waiting"]
    assert len({rule.transition_id for rule in rules}) == 7


def test_an_explicit_id_is_the_transition_id(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace("to: reminded,", "to: reminded, id: first_reminder,")
    assert compiled(text, vocabulary).rules[2].transition_id == "first_reminder"


def test_a_changed_wait_keeps_the_transition_id(card_text: str, vocabulary: Vocabulary) -> None:
    longer = compiled(card_text.replace("2 hours", "3 hours"), vocabulary)
    ids = [rule.transition_id for rule in compiled(card_text, vocabulary).rules]
    assert [rule.transition_id for rule in longer.rules] == ids
    assert longer.rules[2].after_s == 10_800


def steps_instead(text: str, *steps: str) -> str:
    """Return the card with these steps after its entry, and no others."""
    start = text.index("  - {from: any, to: won")
    return text[:start] + "".join(f"  - {{{step}, why: x}}\n" for step in steps) + "{% endcall %}"


def test_the_head_says_zone_and_migration(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace("reentry: never", "timezone: Europe/Berlin\nmigrate: in_flight")
    plain, moved = compiled(card_text, vocabulary), compiled(text, vocabulary)
    assert (plain.timezone, plain.migrates) == ("UTC", False)
    assert (moved.timezone, moved.migrates) == ("Europe/Berlin", True)


def test_a_local_time_is_seconds_after_midnight_and_days_say_how_far_the_next_one_is(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        'from: waiting, to: a, at: "09:30"',
        'from: a, to: b, after: 1 day, at: "00:00", days: weekdays',
        'from: b, to: c, at: "23:59", days: weekends',
        'from: c, to: d, at: "12:00", days: [thu, mon]',
        'from: d, to: e, at: "12:00", days: sun',
    )
    rules = compiled(text, vocabulary).rules[1:]
    assert [(rule.trigger, rule.after_s, rule.at_s, rule.day_offsets) for rule in rules] == [
        ("timer", 0, 34_200, "0000000"),
        ("timer", 86_400, 0, "0000021"),
        ("timer", 0, 86_340, "5432100"),
        ("timer", 0, 43_200, "0210321"),
        ("timer", 0, 43_200, "6543210"),
    ]


def test_a_split_has_a_rule_for_each_target_and_shares_out_the_buckets_by_name(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        "from: waiting, split: {long: 33, short: 50, far: 17}, after: 1 day, "
        "do: {short: sms_reminder, long: email_reminder}, on_block: wait",
        "from: [short, long], to: called, after: 1 day",
    )
    rules = compiled(text, vocabulary).rules[1:]
    assert [rule.rule_no for rule in rules] == [2, 3, 4, 5, 6]
    assert [
        (rule.to_step, rule.split_from, rule.split_until, rule.action, rule.on_block)
        for rule in rules
    ] == [
        ("far", 0, 17, None, None),
        ("long", 17, 50, "email_reminder", "wait"),
        ("short", 50, 100, "sms_reminder", "wait"),
        ("called", None, None, None, None),
        ("called", None, None, None, None),
    ]
    assert rules[0].transition_id == make_id("transition", "waiting", "far", "timer")


def test_origins_come_before_targets_in_the_order_of_the_rules(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        "from: waiting, to: asked, after: 1 day",
        "from: [waiting, asked], split: {b: 50, a: 50}, when: quote_submitted, do: sms_reminder",
    )
    rules = compiled(text, vocabulary).rules[2:]
    assert [(rule.from_step, rule.to_step, rule.action) for rule in rules] == [
        ("asked", "a", "sms_reminder"),
        ("asked", "b", "sms_reminder"),
        ("waiting", "a", "sms_reminder"),
        ("waiting", "b", "sms_reminder"),
    ]


def test_an_edge_of_a_guard_is_an_event_whose_guard_must_be_known(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        "from: waiting, to: a, enters: open_case",
        "from: a, to: b, leaves: high_value, if: open_case",
    )
    card = compiled(text, vocabulary)
    assert [(rule.trigger, rule.signal, rule.after_s) for rule in card.rules[1:]] == [
        ("event", "enters open_case", None),
        ("event", "leaves high_value", None),
    ]
    assert card.rules[1].transition_id == make_id("transition", "waiting", "a", "enters open_case")
    assert set(card.conditions) == {
        Condition(make_id("condition", "open_case", ""), "open_case", True),
        Condition(make_id("condition", "high_value", ""), "high_value", True),
    }


def test_a_signals_turn_is_that_of_the_strongest_thing_it_does_anywhere(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        "from: waiting, to: asked, when: case_opened",
        "from: asked, to: gone, when: case_opened, kind: exit",
        "from: waiting, to: waiting_on, when: quote_submitted",
        "from: asked, to: won, when: quote_submitted, kind: goal",
        "from: waiting, to: late, after: 1 day",
        "from: late, to: lost, after: 1 day, kind: exit",
    )
    turns = [(rule.signal, rule.turn_class) for rule in compiled(text, vocabulary).rules]
    assert turns == [
        ("quote_started", 3),
        ("case_opened", 1),
        ("case_opened", 1),
        ("quote_submitted", 2),
        ("quote_submitted", 2),
        (None, None),
        (None, None),
    ]


def test_a_hand_over_names_who_takes_it_and_how_soon(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = steps_instead(
        card_text,
        "from: waiting, to: a, after: 1 day, do: task_call, owner: service, within: 2 hours",
    )
    rule = compiled(text, vocabulary).rules[1]
    assert (rule.action, rule.owner, rule.within_s) == ("task_call", "service", 7200)


def test_a_condition_lists_its_guards_wanted_and_unwanted(
    card_text: str, vocabulary: Vocabulary
) -> None:
    text = card_text.replace("if: high_value", "if: high_value, unless: [open_case]")
    card = compiled(text, vocabulary)
    both, unless = card.rules[3].condition_id, card.rules[2].condition_id
    assert set(card.conditions) == {
        Condition(both, "high_value", True),
        Condition(both, "open_case", False),
        Condition(unless, "open_case", False),
    }


def test_two_wanted_guards_are_another_condition_than_one_wanted_and_one_not(
    card_text: str, vocabulary: Vocabulary
) -> None:
    written = [
        "if: [high_value, open_case]",
        "if: high_value, unless: open_case",
        "if: open_case, unless: high_value",
        "unless: [high_value, open_case]",
    ]
    texts = [card_text.replace("if: high_value", guards) for guards in written]
    ids = {compiled(text, vocabulary).rules[3].condition_id for text in texts}
    assert len(ids) == 4


SAME_MEANING = {
    "a comment": ("key: quote_id", "key: quote_id   # per quote"),
    "another reason": ("why: late", "why: not submitted in two hours"),
    "another owner": ("owner: sales", "owner: service"),
    "the same wait in minutes": ("2 hours", "120 minutes"),
    "a list of one guard": ("if: high_value", "if: [high_value]"),
    "a default written out": ("reentry: never", "reentry: never\nbrand: main\ngrace: 1 week"),
    "another order of keys": ("from: reminded, to: called", "to: called, from: reminded"),
    "the zone that is meant anyway": ("reentry: never", "timezone: UTC"),
    "quotes": ("purpose: marketing", 'purpose: "marketing"'),
    "text beside the card": ("{% call", "-- a note\n{% call"),
}


@pytest.mark.parametrize("change", SAME_MEANING.values(), ids=SAME_MEANING)
def test_what_changes_no_meaning_changes_no_hash(
    card_text: str, vocabulary: Vocabulary, change: tuple[str, str]
) -> None:
    changed = card_text.replace(*change)
    assert changed != card_text
    assert compiled(changed, vocabulary).card_hash == compiled(card_text, vocabulary).card_hash


def test_the_order_of_names_in_a_list_changes_no_hash(
    card_text: str, vocabulary: Vocabulary
) -> None:
    orders = permutations(["waiting", "called", "reminded"])
    texts = [card_text.replace("any, to: won", f"[{', '.join(o)}], to: won") for o in orders]
    assert len({compiled(text, vocabulary).card_hash for text in texts}) == 1


OTHER_MEANING = {
    "purpose": ("purpose: marketing", "purpose: sales"),
    "brand": ("reentry: never", "brand: other"),
    "key": ("key: quote_id\n", ""),
    "re-entry": ("reentry: never", "reentry: always"),
    "cooldown": ("reentry: never", "reentry: after_exit\ncooldown: 1 day"),
    "horizon": ("30 days", "31 days"),
    "grace": ("reentry: never", "grace: 8 days"),
    "most steps": ("reentry: never", "max_steps: 49"),
    "freshness": ("reentry: never", "require_fresh: true"),
    "zone": ("reentry: never", "timezone: Europe/Berlin"),
    "migration": ("reentry: never", "migrate: in_flight"),
    "a wait": ("2 hours", "3 hours"),
    "a time of the day": ("2 hours", '2 hours, at: "09:00"'),
    "the end of a guard": ("when: case_opened", "leaves: open_case"),
    "what a block means": ("do: email_reminder", "do: email_reminder, on_block: exit"),
    "an action": ("do: email_reminder", "do: sms_reminder"),
    "a guard": ("if: high_value", "if: open_case"),
    "a guard turned round": ("if: high_value", "unless: high_value"),
    "a kind": ("kind: exit", "kind: goal"),
    "a step's name": ("to: exited", "to: left"),
    "an id": ("to: exited", "to: exited, id: left"),
}


@pytest.mark.parametrize("change", OTHER_MEANING.values(), ids=OTHER_MEANING)
def test_what_changes_the_meaning_changes_the_hash(
    card_text: str, vocabulary: Vocabulary, change: tuple[str, str]
) -> None:
    changed = card_text.replace(*change)
    assert compiled(changed, vocabulary).card_hash != compiled(card_text, vocabulary).card_hash


SPLIT = (
    "from: waiting, split: {a: 50, b: 50}, after: 1 day, at: '09:00', days: weekdays, "
    "do: task_call, within: 1 day, owner: sales"
)
SAME_SPLIT = {
    "another order of targets": ("{a: 50, b: 50}", "{b: 50, a: 50}"),
    "one action written for each target": ("do: task_call", "do: {a: task_call, b: task_call}"),
    "days written out": ("days: weekdays", "days: [tue, mon, wed, fri, thu]"),
    "another one who takes it": ("owner: sales", "owner: service"),
}
OTHER_SPLIT = {
    "percentages": ("{a: 50, b: 50}", "{a: 51, b: 49}"),
    "an action for one target only": ("do: task_call", "do: {a: task_call}"),
    "days": ("days: weekdays", "days: weekends"),
    "a time": ("09:00", "09:01"),
    "a service level": ("within: 1 day", "within: 2 days"),
}


@pytest.mark.parametrize(
    ("change", "is_same"),
    [(one, True) for one in SAME_SPLIT.values()] + [(one, False) for one in OTHER_SPLIT.values()],
    ids=[*SAME_SPLIT, *OTHER_SPLIT],
)
def test_a_splits_hash_changes_with_its_meaning_only(
    card_text: str, vocabulary: Vocabulary, change: tuple[str, str], is_same: bool
) -> None:
    assert SPLIT.count(change[0]) == 1
    texts = [steps_instead(card_text, one) for one in (SPLIT, SPLIT.replace(*change))]
    before, after = (compiled(text, vocabulary).card_hash for text in texts)
    assert (before == after) == is_same


def test_all_days_are_the_same_as_no_days(card_text: str, vocabulary: Vocabulary) -> None:
    week = "days: [mon, tue, wed, thu, fri, sat, sun]"
    plain = steps_instead(card_text, "from: waiting, to: a, at: '09:00'")
    daily = steps_instead(card_text, f"from: waiting, to: a, at: '09:00', {week}")
    assert compiled(plain, vocabulary).card_hash == compiled(daily, vocabulary).card_hash


def test_cards_without_the_new_keys_keep_the_hash_they_always_had(
    card_text: str, vocabulary: Vocabulary
) -> None:
    sent = {action: {"outcome": "send"} for action in vocabulary.actions}
    text = card_text.replace("within: 1 day, ", "")
    card = compiled(text, replace(vocabulary, actions=sent))
    assert card.card_hash == "492e684c4f1b500a15d7331ef12ed75b"


def test_the_order_of_the_steps_is_part_of_the_meaning(
    card_text: str, vocabulary: Vocabulary
) -> None:
    lines = card_text.splitlines()
    lines[9], lines[12] = lines[12], lines[9]
    turned = compiled("\n".join(lines), vocabulary)
    assert turned.card_hash != compiled(card_text, vocabulary).card_hash


def test_who_is_not_named_is_the_owner_and_governance_changes_no_card_hash(
    card_text: str, vocabulary: Vocabulary
) -> None:
    plain = compiled(card_text, vocabulary)
    assert json.loads(plain.governance or "") == {
        "approvers": "sales",
        "responsible": "sales",
        "accountable": "sales",
        "consulted": "",
        "informed": "",
        "review_every_s": 180 * 86_400,
        "needs": [],
    }
    added = (
        "approvers: [service, sales]\nraci: {accountable: service, consulted: [service, sales]}\n"
        "review_every: 30 days\nneeds:\n  - {signal: quote_started, fresh_within: 2 hours}\n"
        "  - {guard: open_case}\n"
    )
    governed = compiled(card_text.replace("horizon:", added + "horizon:"), vocabulary)
    assert json.loads(governed.governance or "") == {
        "approvers": "sales, service",
        "responsible": "sales",
        "accountable": "service",
        "consulted": "sales, service",
        "informed": "",
        "review_every_s": 30 * 86_400,
        "needs": [
            {"kind": "signal", "name": "quote_started", "fresh_within_s": 7200},
            {"kind": "guard", "name": "open_case", "fresh_within_s": None},
        ],
    }
    assert governed.approvers == ("sales", "service")
    assert replace(plain, governance=None).approvers == ("sales",)
    assert governed.card_hash == plain.card_hash
