"""What holds for the day as a whole: history, goals, regret, and a second run."""

from .stories import CLOSES
from .stories.changed_minds import CONTENT
from .stories.other_fates import HEARD_TOO_LATE, STALLED_LONG_AGO, SUBMITTED, WORTH_A_CALL

REMINDER = "email_quote_reminder"


def test_the_first_load_of_history_sends_nothing(day):
    assert day.decisions(STALLED_LONG_AGO) == [(REMINDER, "nothing", "before_activation")]
    assert day.received(STALLED_LONG_AGO) == []
    assert day.batches[0].handed_over.new == 0


def test_who_submitted_in_time_is_left_alone(day):
    (journey,) = day.journeys(SUBMITTED.quote_id)
    assert journey["status"] == "goal"
    assert day.received(SUBMITTED) == []


def test_a_submission_heard_of_after_the_reminder_is_counted_as_regret_and_repeats_nothing(day):
    assert day.received(HEARD_TOO_LATE) == ["email"]
    (mail,) = day.messages(HEARD_TOO_LATE)
    (welcome,) = day.messages(CONTENT)
    regretted = day.rows("select message_id from {message_outcomes} where is_regret")
    assert mail["message_id"] in {row["message_id"] for row in regretted}
    assert welcome["message_id"] not in {row["message_id"] for row in regretted}
    (journey,) = day.journeys(HEARD_TOO_LATE.quote_id)
    assert journey["step"] == "won"


def test_a_valuable_quote_becomes_one_task_for_sales_a_day_later(day):
    tasks = [
        event
        for event in day.installation.receivers.log.events()
        if event["kind"] == "crm_tasks" and event["data"]["journey"] == "quote_stalled"
    ]
    (message,) = day.messages(WORTH_A_CALL)
    assert [task["message_id"] for task in tasks] == [message["message_id"]]


def test_no_message_id_is_received_twice(day):
    received = [
        event["message_id"]
        for event in day.installation.receivers.log.events()
        if event["status"] in {"accepted", "repeated"}
    ]
    assert len(received) == len(set(received)) > 10


def test_every_source_record_is_in_exactly_one_place(day):
    unaccounted = day.rows(
        "select path from raw.deliveries where rows_read "
        "<> rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined"
    )
    assert unaccounted == []


def test_a_second_run_decides_and_sends_nothing(day):
    installation = day.installation
    batch = installation.batch(day.batches[CLOSES[-1]].window.batch_time)
    assert batch.outcomes == {}
    assert batch.handed_over.new == 0
    assert installation.send().requests == 0
