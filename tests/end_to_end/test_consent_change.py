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
from .stories.many_paths import (
    COMPLAINED_AND_SAID_YES,
    DO_NOT_CONTACT,
    NO_TO_ALL_BRANDS,
    NO_TO_ANOTHER_BRAND,
    NO_TO_EVERYTHING,
    OPT_OUT_FIELD,
    SAID_STOP,
    SHARING_ONE,
    SHARING_OTHER,
    STARTED_AGAIN,
    SUBSCRIBED_AGAIN,
    TOLD_THE_AGENT,
    TOLD_THE_SERVICE_DESK,
    UNSUBSCRIBED,
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


PATHS = [
    (NO_TO_EVERYTHING, "opted_out"),
    (UNSUBSCRIBED, "opted_out"),
    (TOLD_THE_AGENT, "opted_out"),
    (TOLD_THE_SERVICE_DESK, "opted_out"),
    (OPT_OUT_FIELD, "opted_out"),
    (SAID_STOP, "suppressed"),
    (DO_NOT_CONTACT, "suppressed"),
]


@pytest.mark.parametrize(
    ("customer", "reason"), PATHS, ids=lambda value: getattr(value, "name", "")
)
def test_a_no_on_any_path_blocks_the_address_as_soon_as_it_is_taken_in(day, customer, reason):
    assert day.decisions(customer) == [(REMINDER, "send", "all_checks_passed")]
    assert day.received(customer) == []
    (message,) = day.messages(customer)
    assert (message["state"], message["reason"]) == ("cancelled", reason)


@pytest.mark.parametrize(
    ("customer", "reason"), PATHS, ids=lambda value: getattr(value, "name", "")
)
def test_a_no_on_any_path_stands_in_the_tables_after_the_batch(day, customer, reason):
    (standing,) = day.rows(
        "select p.is_granted, p.reason, s.is_suppressed or x.node_id is not null as is_suppressed "
        "from {int_consent__standing_permissions} as p "
        "join {contact_point_standing} as s using (contact_point_id) "
        "join {contact_points} as c using (contact_point_id) "
        "left join {suppressions} as x on x.node_id = ? "
        "where c.address = ? and p.purpose = 'sales' and p.brand = 'main'",
        customer.node_id,
        customer.email,
    )
    if reason == "suppressed":
        assert standing["is_suppressed"]
    else:
        assert (standing["is_granted"], standing["reason"]) == (False, "stated_no")


def test_a_no_to_one_brand_leaves_another(day):
    assert day.received(NO_TO_ANOTHER_BRAND) == ["email"]


def test_a_no_to_all_brands_is_one_to_each(day):
    assert day.received(NO_TO_ALL_BRANDS) == []
    assert day.decisions(NO_TO_ALL_BRANDS) == [(REMINDER, "suppress", "no_consent")]


def test_a_no_from_a_shared_mailbox_holds_for_both_who_share_it(day):
    assert day.received(SHARING_ONE, SHARING_OTHER) == []
    outcomes = {decision[1:] for decision in day.decisions(SHARING_OTHER)}
    assert outcomes == {("suppress", "no_consent")}


def test_who_unsubscribed_at_the_provider_may_subscribe_again(day):
    assert day.received(SUBSCRIBED_AGAIN) == ["email"]


def test_only_start_ends_stop_and_a_yes_ends_no_complaint(day):
    assert day.received(STARTED_AGAIN) == ["email"]
    assert day.received(COMPLAINED_AND_SAID_YES) == []
    assert day.decisions(COMPLAINED_AND_SAID_YES) == [(REMINDER, "suppress", "suppressed")]
