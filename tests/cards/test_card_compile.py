"""The rows a card compiles to, and what does and does not change its hash."""

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
        after_s=None,
        condition_id="always",
        action=None,
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
        after_s=7200,
        condition_id=make_id("condition", "", "open_case"),
        action="email_reminder",
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
    "a wait": ("2 hours", "3 hours"),
    "an action": ("do: task_call", "do: sms_reminder"),
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


def test_the_order_of_the_steps_is_part_of_the_meaning(
    card_text: str, vocabulary: Vocabulary
) -> None:
    lines = card_text.splitlines()
    lines[9], lines[12] = lines[12], lines[9]
    turned = compiled("\n".join(lines), vocabulary)
    assert turned.card_hash != compiled(card_text, vocabulary).card_hash
