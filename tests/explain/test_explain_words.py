"""What became of steps, instances and messages, in words."""

from typing import get_args

import pytest
from story_rows import at, hand_over, merged, message, not_done, state, step

from baton.explain import paths, say
from baton.journal.rules import CANCELLING, HOLDING, State
from baton.words import REASONS, message_state


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (step(), "email_quote_reminder: sent"),
        (step(message_state="pending"), "email_quote_reminder: to be sent"),
        (
            step(message_state="not_handed_over"),
            "email_quote_reminder: decided, not yet passed on",
        ),
        (
            step(message_state="bounced", message_reason="smtp 550"),
            "email_quote_reminder: sent, but it bounced (smtp 550)",
        ),
        (
            step(message_state="cancelled", message_reason="left_journey"),
            "email_quote_reminder: not sent, cancelled before (the journey was left)",
        ),
        (step(message_reason="http 204"), "email_quote_reminder: sent"),
        (
            step(decided_action="sms_quote_reminder"),
            "sms_quote_reminder as the fallback: sent",
        ),
        (
            not_done("suppress", "no_consent"),
            "email_quote_reminder: not sent, no consent to it",
        ),
        (
            not_done("nothing", "before_activation"),
            "email_quote_reminder: not sent, it was due before the journey was live",
        ),
        (
            not_done("wait", "open_case", decide_after=at(23)),
            "email_quote_reminder: waits, a service case is open; "
            "looked at again by 2026-03-02 23:00:00",
        ),
    ],
)
def test_a_step_says_what_became_of_its_action_and_why(done, said):
    assert say.done(done) == said


def test_a_hand_over_names_its_owner_and_until_when_it_is_to_be_answered():
    assert say.done(hand_over()) == (
        "route_customer: handed over; for service_desk, to be answered by 2026-03-02 11:45:00"
    )


def test_a_hand_over_that_nobody_answered_in_time_is_overdue():
    said = say.done(hand_over(is_overdue=True))
    assert (
        said == "route_customer: handed over; for service_desk, overdue since 2026-03-02 11:45:00"
    )


def test_a_hand_over_that_did_not_happen_says_why():
    not_handed_over = not_done(
        "nothing",
        "expired",
        action="route_customer",
        decided_action="route_customer",
        owner="service_desk",
        respond_by=at(11),
    )
    assert say.done(not_handed_over) == "route_customer: not handed over, it came too late"


def test_a_step_without_an_action_says_nothing_of_one():
    assert say.done(step(action=None, decided_action=None, outcome=None)) is None


def test_what_is_not_decided_yet_says_so():
    undecided = step(decided_action=None, outcome=None, reason=None, message_id=None)
    assert say.done(undecided) == "email_quote_reminder: not decided yet"


def test_a_recovery_without_a_fallback_says_so():
    undecided = step(action="fallback", decided_action=None, outcome=None, reason=None)
    assert say.done(undecided) == "fallback: the message that failed has none"


def test_a_step_that_waits_for_its_action_says_what_that_holds_up():
    held_up = not_done("suppress", "no_consent", on_block="wait")
    assert say.done(held_up).endswith("; no wait of this step runs until it is done")
    assert not say.done(step(on_block="wait")).endswith("until it is done")
    assert not say.done(not_done("suppress", "no_consent", on_block="exit")).endswith("done")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "under way, at reminded since 2026-03-02 11:00:00"),
        ({"status": "goal", "step": "won"}, "reached its goal, won, at 2026-03-02 11:00:00"),
        ({"status": "exit", "step": "blocked"}, "left at 2026-03-02 11:00:00: blocked"),
        ({"status": "expired", "step": "expired"}, "expired at 2026-03-02 11:00:00"),
        ({"status": "withdrawn", "step": "withdrawn"}, "withdrawn at 2026-03-02 11:00:00"),
    ],
)
def test_an_instance_says_where_it_stands_or_how_it_ended(changes, said):
    assert say.standing(state(**changes)) == said


def test_what_time_alone_will_do_is_foretold():
    expires = say.ahead(state())
    assert expires == "expires at 2026-03-02 23:00:00 unless something happens"
    assert say.ahead(state(next_due_at=at(14))) == "next by time alone: 2026-03-02 14:00:00"
    assert say.ahead(state(next_due_at=None)) is None


def test_what_time_alone_will_do_names_the_step_and_its_action():
    call = {"step": "called", "action": "task_sales_call", "why": "still open"}
    quiet = {"step": "asleep", "action": None, "why": "nothing else"}
    assert say.ahead(state(next_due_at=at(14), next=[call, quiet])) == (
        "next by time alone: 2026-03-02 14:00:00, "
        "to called (still open, task_sales_call) or asleep (nothing else)"
    )


def test_an_instance_that_moved_to_another_card_says_so_and_why():
    moved = step(transition_id="moved", why="its card was withdrawn or replaced", action=None)
    assert say.arrival(moved) == "goes on with another card: its card was withdrawn or replaced"
    assert say.arrival(step()) == "not submitted in 2 hours"


def test_a_merged_instance_names_the_one_that_stays():
    assert say.no_more(merged()) == (
        "no more since 2026-03-02 12:00:00: merged into the one entered at 2026-03-02 09:00:00 (i1)"
    )
    lost = say.no_more(merged(into_entered_at=None))
    assert lost.endswith("merged into one that is no more either (i1)")


def test_a_refolded_instance_says_that_it_is_told_otherwise_now():
    refolded = merged(change="refolded", into_instance_id=None, into_entered_at=None)
    said = say.no_more(refolded)
    assert said == "no more since 2026-03-02 12:00:00: what came in later tells it otherwise"


def test_a_message_says_how_far_it_has_come():
    about = paths.about("m1", [message(message=None)], [])
    assert about is not None
    said = say.message(about)
    assert said == "email_quote_reminder by email: decided, not yet passed on"


def test_every_state_of_a_message_and_all_that_holds_it_up_has_words():
    assert {message_state(one) for one in get_args(State)} & set(get_args(State)) == set()
    assert (CANCELLING | HOLDING) - REASONS.keys() == set()
