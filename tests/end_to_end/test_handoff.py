"""Edge case (d): the bot hands over to an agent, who opens a case."""

from .stories.handoffs import (
    CASE_AFTER_THE_DECISION,
    CASE_CAME_FIRST,
    CASE_STAYS_OPEN,
    HANDED_OVER,
)

REMINDER = "email_quote_reminder"


def test_the_journey_ends_when_the_agent_opens_a_case(day):
    (journey,) = day.journeys(HANDED_OVER.quote_id, 130)
    assert (journey["step"], journey["status"]) == ("exited", "exit")
    assert day.decisions(HANDED_OVER) == []
    assert day.received(HANDED_OVER) == []


def test_a_reminder_waits_while_an_older_case_is_open_and_goes_out_when_it_closes(day):
    (waiting,) = day.journeys(CASE_CAME_FIRST.quote_id, 133)
    assert waiting["step"] == "waiting"
    (mail,) = day.messages(CASE_CAME_FIRST)
    assert day.received(CASE_CAME_FIRST) == ["email"]
    assert mail["handed_at"] == day.batches[160].window.batch_time


def test_nothing_is_sent_while_the_case_stays_open(day):
    assert day.decisions(CASE_STAYS_OPEN) == []
    assert day.received(CASE_STAYS_OPEN) == []


def test_a_case_opened_after_the_decision_cancels_what_is_not_sent_yet(day):
    assert day.decisions(CASE_AFTER_THE_DECISION) == [(REMINDER, "send", "all_checks_passed")]
    (mail,) = day.messages(CASE_AFTER_THE_DECISION)
    assert (mail["state"], mail["reason"]) == ("cancelled", "left_journey")
    assert day.received(CASE_AFTER_THE_DECISION) == []
