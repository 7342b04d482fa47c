"""The model's idea of releases that come and go, and of actions that are not sent."""

import pytest

from .instances import Outcome
from .stories import at
from .tales import Tale, card

OLD = card("to: s, when: a\nfrom: s, to: old, after: 10 hours\nfrom: old, to: end, when: b")
NEW = card("to: s, when: a\nfrom: s, to: new, after: 12 hours\nfrom: new, to: end, when: b")
CALLING = NEW.replace("journey: j", "journey: j\nmigrate: in_flight")
OTHER = card("to: elsewhere, when: a")


def story(*, entry: float = 1, loaded: float | None = None) -> Tale:
    tale = Tale()
    tale.hear("a", entry, loaded=loaded)
    return tale


def test_an_instance_keeps_the_card_that_was_live_when_its_entry_became_known() -> None:
    tale = story(entry=1)
    tale.activate(OLD, hours=0)
    tale.activate(NEW, hours=2)
    assert tale.path(20) == [("s", 1), ("old", 11)]
    late = story(entry=1, loaded=2)
    late.log = tale.log
    assert late.path(20) == [("s", 1), ("new", 13)]


def test_the_first_card_is_also_for_what_was_known_before() -> None:
    tale = story(entry=1)
    tale.activate(OLD, hours=5)
    assert tale.path(20) == [("s", 1), ("old", 11)]


def test_no_card_no_entry() -> None:
    tale = story(entry=3)
    old = tale.activate(OLD, hours=0)
    tale.withdraw(old, 2)
    assert tale.path(20) == []
    tale = story(entry=3)
    tale.activate(OLD, hours=0)
    tale.activate(card("to: s, when: a", journey="k"), hours=2)
    assert [one.card.journey for one in tale.instances(20)] == ["k"]


def test_an_edge_is_known_from_its_own_instant_whenever_its_guard_was_told() -> None:
    steps = "to: {}, enters: g"
    tale = Tale()
    tale.activate(card(steps.format("old")), hours=0)
    tale.activate(card(steps.format("new")), hours=2)
    tale.hold("g", 3, loaded=1)
    assert tale.path(9) == [("new", 3)]
    tale.hold("g", 1.5, loaded=1.5)
    assert tale.path(9) == [("old", 1.5)]
    tale.hold("g", 1.5, loaded=5)
    assert tale.path(9) == [("old", 1.5)]


def test_who_is_on_a_withdrawn_card_goes_on_with_the_live_one_at_the_step_of_the_same_name() -> (
    None
):
    tale = story(entry=3)
    tale.activate(OLD, hours=0)
    new = tale.activate(NEW, hours=2)
    tale.withdraw(new, 5)
    assert tale.path(20) == [("s", 3), ("s", 5), ("old", 13)]
    (one,) = tale.instances(20)
    assert [step.action for step in one.steps] == [None, None, None]


def test_without_such_a_step_one_is_withdrawn_and_may_enter_again_at_that_instant() -> None:
    tale = story(entry=3)
    tale.activate(OTHER.replace("elsewhere", "there"), hours=0)
    new = tale.activate(OTHER.replace("journey: j", "journey: j\nreentry: after_exit"), hours=2)
    tale.withdraw(new, 5)
    assert tale.path(20) == [("elsewhere", 3), ("withdrawn", 5)]
    tale.log[0] = tale.log[0].__class__(
        "activate", Tale().activate(card("to: there, when: a", reentry="always")), at(0)
    )
    tale.hear("a", 5)
    assert tale.path(20) == [("elsewhere", 3), ("withdrawn", 5), ("there", 5)]


def test_a_card_that_another_standing_release_has_too_is_not_stopped() -> None:
    tale = story(entry=3)
    tale.activate(OLD, hours=0)
    with_more = tale.activate(OLD, card("to: s, when: a", journey="k"), hours=2)
    tale.withdraw(with_more, 5)
    assert [one.last.step for one in tale.instances(20)] == ["old", "withdrawn"]


def test_a_withdrawal_goes_before_everything_else_at_its_instant() -> None:
    tale = Tale()
    release = tale.activate(card("to: s, when: a\nfrom: s, to: won, when: b, kind: goal"))
    tale.hear("a", 1)
    tale.hear("b", 5)
    tale.withdraw(release, 5)
    assert tale.path(9) == [("s", 1), ("withdrawn", 5)]


def test_who_was_withdrawn_stays_so_when_the_release_comes_again() -> None:
    tale = story(entry=1)
    old = tale.activate(OLD, hours=0)
    tale.withdraw(old, 2)
    tale.activate(OLD, hours=3)
    assert tale.path(20) == [("s", 1), ("withdrawn", 2)]


def test_a_withdrawal_and_an_activation_of_one_instant_act_together() -> None:
    tale = story(entry=1)
    old = tale.activate(OLD, hours=0)
    tale.withdraw(old, 2)
    tale.activate(OLD, hours=2)
    assert tale.path(20) == [("s", 1), ("old", 11)]


def test_a_card_that_calls_moves_those_under_way_and_no_others() -> None:
    tale = story(entry=1)
    tale.activate(OLD, hours=0)
    tale.activate(CALLING, hours=5)
    assert tale.path(20) == [("s", 1), ("s", 5), ("new", 13)]
    without = story(entry=1)
    without.activate(OTHER, hours=0)
    without.activate(CALLING, hours=5)
    assert without.path(20) == [("elsewhere", 1)]


def test_a_timer_that_would_have_been_due_on_the_new_card_is_taken_at_the_move() -> None:
    tale = story(entry=1)
    tale.activate(OLD, hours=0)
    tale.activate(CALLING.replace("12 hours", "2 hours"), hours=5)
    assert tale.path(20) == [("s", 1), ("s", 5), ("new", 5)]


def test_horizon_and_limits_are_those_of_the_new_card() -> None:
    tale = story(entry=1)
    tale.activate(OLD, hours=0)
    tale.activate(CALLING.replace("30 days", "6 hours"), hours=5)
    assert tale.path(20) == [("s", 1), ("s", 5), ("expired", 7)]
    tale.log[1] = tale.log[1].__class__(
        "activate", Tale().activate(CALLING.replace("30 days", "3 hours")), at(5)
    )
    assert tale.path(20) == [("s", 1), ("s", 5), ("expired", 5)]


def test_moves_count_as_steps_but_never_run_away() -> None:
    tale = Tale()
    few = {"max_steps": "1"}
    tale.activate(card("to: s, when: a\nfrom: s, to: t, when: b", **few), hours=0)
    calling = card("to: s, when: a\nfrom: s, to: t, when: b", migrate="in_flight", **few)
    tale.activate(calling, hours=2)
    tale.hear("a", 1)
    tale.hear("b", 3)
    assert tale.path(9) == [("s", 1), ("s", 2), ("runaway", 3)]


def blocked_story(on_block: str) -> tuple[Tale, str]:
    tale = Tale()
    steps = f"to: s, when: a, do: mail, on_block: {on_block}\nfrom: s, to: t, after: 2 hours"
    tale.activate(card(steps))
    tale.hear("a", 1)
    return tale, tale.instances(1)[0].last.step_id


def test_a_wait_runs_from_when_the_action_was_done() -> None:
    tale, step_id = blocked_story("wait")
    assert tale.path(9) == [("s", 1)]
    tale.outcomes[step_id] = Outcome(done_at=at(4))
    assert tale.path(9) == [("s", 1), ("t", 6)]


def test_a_blocked_action_ends_the_journey_while_it_is_in_the_step() -> None:
    tale, step_id = blocked_story("exit")
    tale.outcomes[step_id] = Outcome(blocked_at=at(2))
    assert tale.path(9) == [("s", 1), ("blocked", 2)]
    tale.outcomes[step_id] = Outcome(blocked_at=at(4))
    assert tale.path(9) == [("s", 1), ("t", 3)]


@pytest.mark.parametrize("outcome", [Outcome(done_at=at(4)), Outcome(blocked_at=at(2))])
def test_without_on_block_it_is_all_the_same(outcome: Outcome) -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a, do: mail\nfrom: s, to: t, after: 2 hours"))
    tale.hear("a", 1)
    tale.outcomes[tale.instances(1)[0].last.step_id] = outcome
    assert tale.path(9) == [("s", 1), ("t", 3)]


def test_instances_that_start_with_each_entry_neither_keep_others_out_nor_are_kept_out() -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a", key="k", reentry="always"), hours=0)
    tale.hear("a", 1, "q")
    tale.activate(card("to: t, when: a", key="k"), hours=2)
    tale.hear("a", 3, "q")
    tale.hear("a", 4, "q")
    assert tale.path(9) == [("s", 1), ("t", 3)]
