"""Edge case (b): a message cannot be delivered, and what follows."""

import pytest

from .stories.lost_mail import (
    DEFERRED,
    NOT_TEXTED,
    OUT_OF_REACH,
    REFUSES_TEXTS,
    SECOND_QUOTE,
    TEXTED,
)

EMAIL, SMS = "email_quote_reminder", "sms_quote_reminder"


def test_a_rejected_mail_is_followed_by_exactly_one_text_message(day):
    mail, text = day.messages(TEXTED)
    assert (mail["action"], mail["state"]) == (EMAIL, "bounced")
    assert (text["action"], text["state"]) == (SMS, "accepted")
    assert day.received(TEXTED) == ["sms_gateway"]


def test_a_mailbox_that_rejected_is_not_written_to_again(day):
    attempts = [
        event
        for event in day.installation.receivers.log.events()
        if event.get("recipient") == TEXTED.email
    ]
    assert [event["status"] for event in attempts] == ["refused"]
    (journey,) = day.journeys(SECOND_QUOTE)
    assert journey["step"] == "reminded"
    assert (EMAIL, "suppress", "suppressed") in day.decisions(TEXTED)


@pytest.mark.parametrize("customer", [NOT_TEXTED, REFUSES_TEXTS], ids=lambda who: who.name)
def test_the_fallback_meets_every_check_of_its_own_channel(day, customer):
    assert day.decisions(customer) == [
        (EMAIL, "send", "all_checks_passed"),
        (SMS, "suppress", "no_consent"),
    ]
    assert day.received(customer) == []


def test_a_deferred_mail_arrives_once_at_the_next_try(day):
    assert day.received(DEFERRED) == ["email"]
    (message,) = day.messages(DEFERRED)
    assert len(day.installation.journal.attempts(message["message_id"])) == 2


def test_a_text_message_that_fails_too_ends_the_recovery(day):
    mail, text = day.messages(OUT_OF_REACH)
    assert (mail["state"], text["state"]) == ("bounced", "dead")
    failed = [mail["message_id"], text["message_id"]]
    recoveries = [day.journeys(message_id) for message_id in failed]
    assert [[one["step"] for one in found] for found in recoveries] == [["recovering"]] * 2
    assert day.received(OUT_OF_REACH) == []
