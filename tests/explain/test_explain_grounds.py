"""What stood against a decision, in words."""

import pytest
from story_rows import at, capped, contested, decision, held_out, message, outranked, quiet

from baton.explain import grounds


def only(decided):
    (said,) = grounds.grounds(decided)
    return said


def test_a_decision_that_nothing_stood_against_needs_no_ground():
    assert grounds.grounds(decision()) == []
    assert grounds.grounds(decision(failed=["3 no consent"], reason="no_consent")) == []


def test_quiet_hours_say_until_when_by_whose_clock():
    assert only(quiet()) == (
        "quiet until 2026-03-02 13:00:00, which is 07:00 in America/Chicago; their zone, by crm"
    )


def test_quiet_hours_by_the_zone_of_the_card_say_that_the_customers_is_not_known():
    said = only(quiet(timezone="Europe/Berlin", timezone_source="card"))
    assert said == (
        "quiet until 2026-03-02 13:00:00, which is 14:00 in Europe/Berlin; "
        "the card's zone, theirs is not known"
    )


def test_quiet_hours_that_outlast_the_message_say_so():
    said = only(quiet(decide_after=at(23)))
    assert "until it expires at 2026-03-02 23:00:00" in said


def test_a_holdout_says_which_and_what_would_have_become_of_it():
    assert only(held_out()) == (
        "in the control group of win_back; otherwise it would have been sent"
    )
    assert only(held_out(counterfactual_outcome="wait")).endswith("otherwise it would have waited")


def test_an_outranked_one_names_the_other_action_and_its_journey_not_an_id():
    assert only(outranked()) == (
        "outranked by email_comparison of comparison_dropout q2 (rank 20 to 15); "
        "looked at again by 2026-03-02 16:00:00"
    )


def test_of_an_earlier_message_in_the_slot_no_rank_is_on_record():
    rival = outranked()["outranker"] | {"rank": None}
    said = only(outranked(outranker=rival))
    assert said.startswith(
        "outranked by email_comparison of comparison_dropout q2, which has the slot;"
    )


def test_one_that_was_outranked_by_something_unknown_gives_its_id():
    said = only(outranked(outranker=None))
    assert said.startswith("outranked by m2, which is not on record any more")


@pytest.mark.parametrize(
    ("when_full", "said"),
    [
        ("wait", "looked at again by 2026-03-02 18:00:00"),
        ("drop", "dropped"),
        ("next_channel", "its fallback takes part instead"),
    ],
)
def test_a_full_cap_says_which_and_what_follows(when_full, said):
    assert only(capped(when_full)) == (
        f"the cap email_weekly is full: at most 3 marketing messages by email in 7 days; {said}"
    )


def test_a_cap_of_a_calendar_period_says_so():
    cap = {"cap": "daily", "period": "calendar day", "most": "2", "when_full": "wait"}
    assert "at most 2 messages in a calendar day" in only(capped(capped_by="daily", cap=cap))


def test_the_ground_that_decided_comes_first_and_the_others_are_also_there():
    first, second = grounds.grounds(
        quiet(held_out_by="win_back")
        | {"checks": quiet()["checks"] | {"8 holdout": True}}
    )  # fmt: skip
    assert first.startswith("quiet until")
    assert second == "also in the control group of win_back"


def test_what_was_outranked_as_well_comes_after_the_holdout_that_decided():
    both = held_out(outranked_by="m2", outranker=outranked()["outranker"])
    both["checks"]["9 outranked"] = True
    first, second = grounds.grounds(both)
    assert first.startswith("in the control group of win_back")
    assert second.startswith("also outranked by email_comparison of comparison_dropout q2")


def test_what_had_gone_before_it_could_be_called_back_says_so():
    late = contested(reason="recalled_too_late", failed=["9 outranked"], outranked_by="m2")
    assert grounds.grounds(late)[0] == (
        "something was to take its place, but it had gone by then, so it counts as sent"
    )


def test_a_message_that_had_ended_says_so():
    said = only(decision(outcome="nothing", reason="message_ended"))
    assert said == "its message had come to an end before, so nothing goes out under it any more"


def test_a_rank_is_told_with_its_factors():
    assert grounds.rank(contested()) == (
        "rank 15 = propensity 0.5 x context 2 x value 10 x lever 1.5"
    )
    assert grounds.rank(decision()) is None


def test_a_value_that_cannot_be_told_from_the_rank_is_left_out():
    said = grounds.rank(contested(lever=0, rank=0, value=None))
    assert said == "rank 0 = propensity 0.5 x context 2 x lever 0"


def held(reason):
    return message(message={"state": "held", "reason": reason})


@pytest.mark.parametrize("latest", [outranked(), capped(), quiet()])
def test_a_held_message_says_what_holds_it_by_what_was_decided_last(latest):
    assert grounds.of_message(held(latest["reason"]), latest) == grounds.grounds(latest)


def test_a_message_held_behind_one_that_could_not_be_called_back_says_so():
    assert grounds.of_message(held("outranked"), contested()) == [
        "what it was to take the place of had gone by then"
    ]


def test_a_message_that_is_not_held_needs_no_ground():
    assert grounds.of_message(message(), outranked()) == []
    assert grounds.of_message(message(message=None), outranked()) == []
