"""How instances, their steps and their messages are put together."""

from story_rows import NOON, at, hand_over, merged, message, state, step

from baton.explain import paths


def test_a_message_has_come_as_far_as_the_journal_says_not_as_the_warehouse_last_heard():
    bounced = message(message={"state": "bounced", "reason": "smtp 550"})
    (shown,) = paths.with_messages([step(message_state="pending")], [bounced])
    assert (shown["message_state"], shown["message_reason"]) == ("bounced", "smtp 550")


def test_a_message_that_the_journal_has_not_got_yet_is_as_the_warehouse_says():
    decided = step(message_state="not_handed_over")
    (shown,) = paths.with_messages([decided], [message(message=None)])
    assert shown["message_state"] == "not_handed_over"


def test_a_step_without_a_message_has_no_state():
    (shown,) = paths.with_messages([step(message_id=None, message_state=None)], [message()])
    assert shown["message_state"] is None


def test_each_instance_has_its_own_steps_in_their_order():
    steps = [step(step_no=1), step(step_no=2), step(instance_id="i2")]
    one, other = paths.instances([state(), state(instance_id="i2")], steps, now=NOON)
    assert [each["step_no"] for each in one["steps"]] == [1, 2]
    assert [each["instance_id"] for each in other["steps"]] == ["i2"]


def overdue(own_state, own_step, now=NOON):
    (instance,) = paths.instances([own_state], [own_step], now=now)
    return instance["steps"][0]["is_overdue"]


def test_a_hand_over_is_overdue_when_its_time_has_passed_and_the_customer_still_waits_there():
    assert overdue(state(), hand_over())
    assert not overdue(state(), hand_over(), now=at(11, 45))
    assert not overdue(state(status="goal"), hand_over())
    assert not overdue(state(step_no=3), hand_over())


def test_what_was_never_handed_over_is_not_overdue():
    assert not overdue(state(), hand_over(outcome="suppress"))
    assert not overdue(state(), hand_over(outcome=None))
    assert not overdue(state(), step())


def move(**changes):
    return {
        "instance_id": "i1",
        "step": "called",
        "action": "task_sales_call",
        "why": "still open",
        "is_sure": True,
        "due_at": at(14),
    } | changes


def next_steps(own_state, *moves):
    (instance,) = paths.instances([own_state], [], moves, now=NOON)
    return [one["step"] for one in instance["next"]]


def test_next_are_the_moves_that_time_makes_when_it_is_due():
    later, elsewhere = move(step="later", due_at=at(15)), move(instance_id="i2")
    assert next_steps(state(next_due_at=at(14)), move(), later, elsewhere) == ["called"]


def test_next_are_the_moves_by_the_clock_where_no_wait_ends_then():
    by_the_clock = move(step="morning", is_sure=False, due_at=at(11))
    assert next_steps(state(next_due_at=at(14)), by_the_clock) == ["morning"]
    assert next_steps(state(next_due_at=at(14)), by_the_clock, move()) == ["called"]


def test_what_only_expires_or_has_ended_has_no_next_step():
    assert next_steps(state(next_due_at=at(23)), move(is_sure=False)) == []
    assert next_steps(state(next_due_at=None), move(is_sure=False)) == []


def test_an_instance_that_is_no_more_keeps_the_messages_it_led_to():
    own = message(message_id="m2", instance_id="i2")
    (gone,) = paths.gone([merged()], [message(), own])
    (shown,) = gone["messages"]
    assert (shown["message_id"], shown["message_state"]) == ("m2", "accepted")


def test_a_message_is_told_with_the_step_it_comes_from():
    about = paths.about("m1", [message()], [step(step_id="s0"), step()])
    assert about is not None
    assert (about["message_id"], about["step"]["step_id"]) == ("m1", "s1")


def test_a_message_whose_step_is_no_more_says_so():
    about = paths.about("m1", [message()], [step(step_id="s0")])
    assert about is not None
    assert about["step"] is None


def test_who_asks_about_a_person_asks_about_no_message():
    assert paths.about(None, [message()], [step()]) is None
