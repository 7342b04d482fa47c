"""Edge case (c): the customer goes on elsewhere, or two persons turn out to be one."""

import pytest

from .stories.switched_channels import (
    ANN,
    ANNE,
    BOB,
    CHATTED,
    LATE_QUOTE,
    LEFT_AN_EMAIL,
    LOGGED_IN,
    ROBERT,
    SHARED_QUOTE,
)

SWITCHED = pytest.mark.parametrize(
    "customer", [CHATTED, LOGGED_IN, LEFT_AN_EMAIL], ids=lambda who: who.name
)


@SWITCHED
def test_who_becomes_known_elsewhere_gets_the_message_of_the_anonymous_quote(day, customer):
    assert day.received(customer) == ["email"]


@SWITCHED
def test_instance_and_step_stay_when_the_person_becomes_known(day, customer):
    (before,) = day.journeys(customer.quote_id, 60)
    (later,) = day.journeys(customer.quote_id, 130)
    assert (before["step"], later["step"]) == ("waiting", "reminded")
    assert before["instance_id"] == later["instance_id"]
    transitions = day.rows(
        "select step_no, step from {transitions} where instance_id = ? order by step_no",
        before["instance_id"],
    )
    assert [row["step"] for row in transitions] == ["waiting", "reminded"]


def test_two_persons_with_one_quote_who_merge_get_one_message(day):
    assert len(day.journeys(SHARED_QUOTE, 60)) == 2
    assert len(day.journeys(SHARED_QUOTE)) == 1
    assert day.received(ANNE, ANN) == ["email"]


def test_an_earlier_entry_that_comes_with_a_late_merge_repeats_nothing(day):
    assert day.received(ROBERT, BOB) == ["email"]
    (before,) = day.journeys(LATE_QUOTE, 133)
    (later,) = day.journeys(LATE_QUOTE)
    assert before["instance_id"] != later["instance_id"]
    assert ("email_quote_reminder", "nothing", "already_done") in day.decisions(ROBERT)
