"""The model's idea of a journey, on cases made by hand."""

import pytest

from baton.ids import make_id

from .card_text import read_card
from .instances import Instance
from .model import Model
from .stories import Story, at

QUOTE = """
journey: quote
key: quote_id
horizon: 30 days
steps:
  - {to: waiting, when: quote_started}
  - {from: any, to: won, when: quote_submitted, kind: goal}
  - {from: waiting, to: reminded, after: 2 hours, unless: open_case, do: email_quote_reminder}
  - {from: reminded, to: called, after: 1 day, if: high_value}
  - {from: any, to: exited, when: case_opened, kind: exit}
"""
QUIET_QUOTE = QUOTE.replace("  - {from: any, to: exited, when: case_opened, kind: exit}\n", "")
VISITS = """
journey: visits
reentry: REENTRY
horizon: 10 hours
max_steps: 4
steps:
  - {to: curious, when: quote_started, if: high_value}
  - {from: [curious, keen], to: keen, when: quote_started}
  - {from: keen, to: gone, after: 3 hours, kind: exit}
  - {from: any, to: bought, when: quote_submitted, kind: goal}
"""


def instances(story: Story, card: str, until: float) -> list[Instance]:
    return Model(story.records, [read_card(card)], at(until)).instances


def path(story: Story, card: str, until: float) -> list[tuple[str, float]]:
    """Steps and the hour each was reached, of all instances one after the other."""
    return [
        (step.step, (step.reached_at - at(0)).total_seconds() / 3600)
        for instance in instances(story, card, until)
        for step in instance.steps
    ]


def test_a_timer_fires_at_its_instant_and_not_before() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    assert path(story, QUOTE, 1.999) == [("waiting", 0)]
    assert path(story, QUOTE, 2) == [("waiting", 0), ("reminded", 2)]


def test_an_event_at_the_instant_of_a_timer_comes_first() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", 2, "q")
    assert path(story, QUOTE, 5) == [("waiting", 0), ("won", 2)]


def test_a_late_event_takes_back_a_timer() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", 1, "q", loaded=4)
    assert path(story, QUOTE, 4) == [("waiting", 0), ("won", 1)]


def test_an_event_after_the_timer_leaves_it_standing() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", 2.001, "q")
    assert path(story, QUOTE, 5) == [("waiting", 0), ("reminded", 2), ("won", 2.001)]


def test_an_exit_beats_a_goal_at_one_instant() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.web("quote_submitted", 1, "q")
    story.case("k", 1)
    assert path(story, QUOTE, 5) == [("waiting", 0), ("exited", 1)]


def test_what_happened_before_the_entry_does_not_count() -> None:
    story = Story()
    story.case("k", 0, 0.5)
    story.web("quote_submitted", 0.999, "q", email="anna@shop.example")
    story.web("quote_started", 1, "q")
    assert path(story, QUOTE, 2) == [("waiting", 1)]


def test_exit_and_goal_at_the_instant_of_an_entry_come_before_it() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.web("quote_submitted", 0, "q")
    story.case("k", 0)
    assert path(story, QUOTE, 1) == [("waiting", 0)]


def test_a_plain_event_at_the_instant_of_a_timer_is_not_heard_by_the_step_it_leads_to() -> None:
    card = "{journey: j, horizon: 9 days, steps: [{to: a, when: quote_started}, "
    card += "{from: a, to: b, after: 1 hour}, {from: b, to: c, when: quote_submitted}]}"
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", 1, "q")
    assert path(story, card, 2) == [("a", 0), ("b", 1)]


def test_each_key_has_its_own_instance_and_a_signal_without_one_moves_all() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.web("quote_started", 1, "r")
    story.web("quote_submitted", 1.5, "q")
    story.web("quote_started", 1.6, "s")
    story.case("k", 2)
    last = {one.key: one.last.step for one in instances(story, QUOTE, 2)}
    assert last == {"q": "won", "r": "exited", "s": "exited"}


def test_a_signal_without_the_key_starts_nothing() -> None:
    story = Story()
    story.web("quote_started", 0, None)
    assert path(story, QUOTE, 5) == []


def test_a_guarded_timer_waits_until_its_guard_ends() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", -1)
    assert path(story, QUIET_QUOTE, 9) == [("waiting", 0)]
    story.case("k", -1, 6)
    assert path(story, QUIET_QUOTE, 9) == [("waiting", 0), ("reminded", 6)]


def test_a_guard_that_begins_when_the_timer_is_due_holds_it() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", 2, 3)
    assert path(story, QUIET_QUOTE, 9) == [("waiting", 0), ("reminded", 3)]


def test_a_guard_that_ends_when_the_timer_is_due_does_not() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", 1, 2)
    assert path(story, QUIET_QUOTE, 9) == [("waiting", 0), ("reminded", 2)]


def test_an_older_version_of_a_case_that_comes_late_does_not_open_it_again() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", -2, -1, loaded=0)
    story.case("k", -2, loaded=1)
    assert path(story, QUIET_QUOTE, 3) == [("waiting", 0), ("reminded", 2)]


def test_a_case_that_changes_its_identifier_stays_one_case() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", -2)
    story.case("k", -2, -1, contact_id="c1", loaded=1)
    assert path(story, QUIET_QUOTE, 3) == [("waiting", 0), ("reminded", 2)]


def test_two_cases_hold_until_the_later_one_ends() -> None:
    story = Story()
    story.web("quote_started", 0, "q", email="anna@shop.example")
    story.case("k", 1, 4)
    story.case("l", 3, 5)
    assert path(story, QUIET_QUOTE, 9) == [("waiting", 0), ("reminded", 5)]


def test_a_wanted_guard_may_come_after_the_timer_is_due() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_started", 40, "r", value=500)
    steps = [step for step in path(story, QUOTE, 41) if step[0] == "called"]
    assert steps == [("called", 40)]


def test_an_open_instance_expires_at_its_horizon() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    assert path(story, QUOTE, 719.9)[-1] == ("reminded", 2)
    assert path(story, QUOTE, 720)[-1] == ("expired", 720)


@pytest.mark.parametrize(("hours", "last"), [(719.9, "won"), (720, "expired")])
def test_an_event_counts_until_just_before_the_horizon(hours: float, last: str) -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", hours, "q")
    assert path(story, QUOTE, 800)[-1][0] == last


@pytest.mark.parametrize(("loaded", "last"), [(887.9, "won"), (888, "expired")])
def test_a_late_event_counts_until_horizon_and_grace_have_passed(loaded: float, last: str) -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_submitted", 1, "q", loaded=loaded)
    assert path(story, QUOTE, 900)[-1][0] == last


def test_the_grace_runs_from_the_load_of_an_entry_that_came_late_itself() -> None:
    story = Story()
    story.web("quote_submitted", 1, "q", loaded=990)
    story.web("quote_started", 0, "q", loaded=1000)
    assert path(story, QUOTE, 1001) == [("waiting", 0), ("won", 1)]


def test_histories_of_a_merged_person_are_told_as_one_and_the_first_entry_counts() -> None:
    story = Story()
    story.web("quote_started", 1, "q", by="phone", name="second")
    story.web("quote_started", 0, "q", by="laptop", name="first")
    assert sorted(path(story, QUOTE, 1)) == [("waiting", 0), ("waiting", 1)]
    story.web("login", 2, by="phone", user="u1")
    story.web("login", 2, by="laptop", user="u1")
    found = instances(story, QUOTE, 2)
    assert [one.entry.event_id for one in found] == [make_id("event", "web.events", "first")]


def test_ids_are_made_of_journey_entry_transition_and_cause() -> None:
    story = Story()
    story.web("quote_started", 0, "q", name="e")
    entry = make_id("event", "web.events", "e")
    instance = make_id("instance", "quote", entry)
    entering = make_id("transition", None, "waiting", "quote_started")
    timer = make_id("transition", "waiting", "reminded", "timer")
    first = make_id("step", instance, entering, entry)
    second = make_id("step", instance, timer, first)
    (found,) = instances(story, QUOTE, 2)
    assert [step.step_id for step in found.steps] == [first, second]


def visits(reentry: str) -> str:
    return VISITS.replace("REENTRY", reentry)


def test_an_entry_may_ask_for_a_guard() -> None:
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_started", 1, "q", value=900)
    assert path(story, visits("never"), 1) == [("curious", 1)]


def test_one_open_instance_is_not_entered_again() -> None:
    story = Story()
    story.web("quote_started", 0, "q", value=900)
    story.web("quote_started", 1, "r", value=900)
    assert path(story, visits("always"), 1) == [("curious", 0), ("keen", 1)]


def test_a_step_that_is_entered_again_starts_its_timer_again() -> None:
    story = Story()
    story.web("quote_started", 0, "q", value=900)
    story.web("quote_started", 1, "q")
    story.web("quote_started", 3, "q")
    expected = [("curious", 0), ("keen", 1), ("keen", 3), ("gone", 6)]
    assert path(story, visits("never"), 9) == expected


@pytest.mark.parametrize(
    ("reentry", "entries"),
    [("never", [0]), ("always", [0, 2, 4]), ("after_exit\ncooldown: 3 hours", [0, 4])],
)
def test_whether_one_may_enter_again_is_the_cards_word(reentry: str, entries: list[float]) -> None:
    story = Story()
    story.web("quote_started", 0, "q", value=900)
    story.web("quote_submitted", 1, "q")
    story.web("quote_started", 2, "q")
    story.web("quote_submitted", 3, "q")
    story.web("quote_started", 4, "q")
    found = instances(story, visits(reentry), 4)
    hours = [(one.entry.occurred_at - at(0)).total_seconds() / 3600 for one in found]
    assert hours == entries


def test_with_a_key_each_entry_counts_where_the_card_says_always() -> None:
    card = QUOTE.replace("horizon:", "reentry: always\nhorizon:")
    story = Story()
    story.web("quote_started", 0, "q")
    story.web("quote_started", 1, "q")
    story.web("quote_submitted", 2.5, "q")
    expected = [("waiting", 0), ("reminded", 2), ("won", 2.5), ("waiting", 1), ("won", 2.5)]
    assert path(story, card, 3) == expected


def test_one_may_enter_again_at_the_instant_of_the_exit_but_not_by_the_same_event() -> None:
    story = Story()
    story.web("quote_started", 0, "q", value=900)
    story.web("quote_submitted", 1, "q")
    story.web("quote_started", 1, "q")
    assert path(story, visits("always"), 1) == [("curious", 0), ("bought", 1), ("curious", 1)]


def test_one_may_enter_again_at_the_horizon() -> None:
    story = Story()
    story.web("quote_started", 0, "q", value=900)
    story.web("quote_started", 10, "q")
    assert path(story, visits("always"), 10) == [("curious", 0), ("expired", 10), ("curious", 10)]


def test_too_many_steps_end_the_instance_as_runaway() -> None:
    story = Story()
    for hour in range(6):
        story.web("quote_started", hour, "q", value=900)
    expected = [("curious", 0), ("keen", 1), ("keen", 2), ("keen", 3), ("runaway", 4)]
    assert path(story, visits("never"), 9) == expected
