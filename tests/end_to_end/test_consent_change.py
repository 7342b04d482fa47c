"""Edge case (a): a customer changes their mind at any moment up to the claim."""

import pytest

from .stories.changed_minds import (
    BLOCKED_IN_THE_JOURNAL,
    CAME_BACK,
    COMPLAINED,
    CONTENT,
    NEVER_ASKED,
    OPTED_OUT_AS_A_PERSON,
    OPTED_OUT_AT_INTAKE,
    OPTED_OUT_BEFORE_SENDING,
    OPTED_OUT_EARLY,
    OPTED_OUT_IN_THE_WINDOW,
    REFUSED,
)

REMINDER = "email_quote_reminder"


def test_who_said_yes_gets_one_reminder(day):
    assert day.received(CONTENT) == ["email"]
    assert day.decisions(CONTENT) == [(REMINDER, "send", "all_checks_passed")]


def test_a_newer_yes_lifts_the_older_no(day):
    assert day.received(CAME_BACK) == ["email"]


@pytest.mark.parametrize("customer", [REFUSED, NEVER_ASKED], ids=lambda who: who.name)
def test_without_a_yes_nothing_is_decided_to_go_out(day, customer):
    assert day.received(customer) == []
    assert day.decisions(customer) == [(REMINDER, "suppress", "no_consent")]


@pytest.mark.parametrize(
    "customer", [OPTED_OUT_EARLY, OPTED_OUT_IN_THE_WINDOW], ids=lambda who: who.name
)
def test_an_opt_out_up_to_the_window_of_the_decision_suppresses_it(day, customer):
    assert day.received(customer) == []
    assert day.decisions(customer) == [(REMINDER, "suppress", "no_consent")]


@pytest.mark.parametrize(
    ("customer", "reason"),
    [
        (OPTED_OUT_BEFORE_SENDING, "no_consent"),
        (BLOCKED_IN_THE_JOURNAL, "opted_out"),
        (OPTED_OUT_AT_INTAKE, "opted_out"),
        (OPTED_OUT_AS_A_PERSON, "opted_out"),
        (COMPLAINED, "suppressed"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_no_between_decision_and_claim_cancels_the_message(day, customer, reason):
    assert day.decisions(customer) == [(REMINDER, "send", "all_checks_passed")]
    assert day.received(customer) == []
    (message,) = day.messages(customer)
    assert (message["state"], message["reason"]) == ("cancelled", reason)
