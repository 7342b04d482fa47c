"""The model's own reading of a card's text."""

from datetime import time, timedelta

from .card_text import read_card
from .cards import Condition
from .tales import card


def test_a_card_says_what_stands_in_its_head_and_else_what_is_usual() -> None:
    full = read_card(
        card(
            "to: s, when: a",
            key="quote_id",
            reentry="after_exit",
            cooldown="3 hours",
            grace="1 week",
            max_steps="7",
            timezone="Europe/London",
            migrate="in_flight",
        )
    )
    assert (full.key, full.reentry, full.cooldown) == ("quote_id", "after_exit", timedelta(hours=3))
    assert (full.grace, full.max_steps) == (timedelta(days=7), 7)
    assert (full.timezone, full.migrates) == ("Europe/London", True)
    bare = read_card(card("to: s, when: a"))
    assert (bare.key, bare.reentry, bare.cooldown) == (None, "never", timedelta(0))
    assert (bare.grace, bare.max_steps) == (timedelta(days=7), 50)
    assert (bare.timezone, bare.migrates) == ("UTC", False)


def test_the_text_may_stand_in_a_model() -> None:
    text = card("to: s, when: a")
    assert read_card("{% call journey() %}\n" + text + "\n{% endcall %}\n") == read_card(text)


def test_a_step_that_leaves_two_and_splits_into_two_is_four_rules_in_alphabetical_order() -> None:
    text = "split: {y: 30, x: 70}, from: [n, m], when: a, do: {x: mail}, on_block: wait"
    rules = read_card(card(text)).rules
    assert [(rule.source, rule.target) for rule in rules] == [
        ("m", "x"),
        ("m", "y"),
        ("n", "x"),
        ("n", "y"),
    ]
    assert [rule.share for rule in rules[:2]] == [range(70), range(70, 100)]
    assert [(rule.action, rule.on_block) for rule in rules[:2]] == [("mail", "wait"), (None, None)]
    assert [rule.position for rule in rules] == [1, 2, 3, 4]


def test_a_trigger_is_a_signal_an_edge_or_a_wait() -> None:
    text = """
        to: s, when: a
        to: s, enters: lapsed
        from: s, to: t, leaves: lapsed
        from: s, to: u, after: 90 minutes, at: "07:30", days: [mon, thu]
        from: s, to: v, at: "00:05", days: weekends
        from: s, to: w, after: 1 day
    """
    rules = read_card(card(text)).rules
    words = [rule.word for rule in rules]
    assert words == ["a", "enters lapsed", "leaves lapsed", "timer", "timer", "timer"]
    local, weekend, plain = (rule.wait for rule in rules[3:])
    assert local and (local.after, local.at) == (timedelta(minutes=90), time(7, 30))
    assert local.days == {0, 3}
    assert weekend and (weekend.after, weekend.days) == (timedelta(0), {5, 6})
    assert plain and (plain.after, plain.at) == (timedelta(days=1), None)


def test_conditions_are_guards_wanted_and_not() -> None:
    (rule,) = read_card(card("to: s, when: a, if: [g, h], unless: i")).rules
    assert rule.condition == Condition(frozenset({"g", "h"}), frozenset({"i"}))


def test_two_cards_are_the_same_when_they_mean_the_same_to_a_customer() -> None:
    one = read_card(card("to: s, when: a, why: one reason", owner="me"))
    assert one == read_card(card("to: s, when: a, why: another", owner="you", grace="1 week"))
    assert one != read_card(card("to: s, when: a", grace="8 days"))
    assert one != read_card(card("to: s, when: a", purpose="sales"))
