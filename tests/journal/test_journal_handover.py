from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from handed import MINUTE, NOON, block, claim, claimed_ids, message, state_of

from baton.errors import UsageError
from baton.journal import Answer, HandOver, Verdict
from baton.journal.rules import CANCELLING, HOLDING


def hand_over(journal, *messages, at=NOON):
    return journal.hand_over(messages, checked_at=at)


def test_a_new_message_is_pending(journal):
    assert hand_over(journal, message()) == HandOver(new=1)
    assert state_of(journal) == "pending"


def test_the_same_hand_over_twice_changes_nothing(journal):
    batch = [message(1), message(2, blocked_by="open_case"), message(3, blocked_by="merged")]
    hand_over(journal, *batch)
    events = journal.feed("message_events", 0)
    again = hand_over(journal, *batch)
    assert (again.new, again.held, again.cancelled, again.released) == (0, 0, 0, 0)
    assert journal.feed("message_events", 0) == events


@pytest.mark.parametrize("reason", sorted(CANCELLING))
def test_what_can_never_go_is_cancelled_with_its_reason(journal, reason):
    hand_over(journal, message())
    hand_over(journal, message(blocked_by=reason))
    assert state_of(journal) == f"cancelled: {reason}"


@pytest.mark.parametrize("reason", sorted(HOLDING))
def test_what_must_wait_is_held_and_released_by_a_later_hand_over(journal, reason):
    hand_over(journal, message(blocked_by=reason))
    assert state_of(journal) == f"held: {reason}"
    assert claimed_ids(journal) == []
    assert hand_over(journal, message(), at=NOON + MINUTE).released == 1
    assert claimed_ids(journal, at=NOON + MINUTE) == ["m1"]


def test_a_cancelled_message_stays_cancelled(journal):
    hand_over(journal, message(blocked_by="superseded"))
    assert hand_over(journal, message()).untouched == 1
    assert state_of(journal) == "cancelled: superseded"


def test_another_reason_for_holding_is_an_event_of_its_own(journal):
    hand_over(journal, message(blocked_by="switched_off"))
    hand_over(journal, message(blocked_by="open_case"))
    reasons = [event["reason"] for event in journal.feed("message_events", 0)]
    assert reasons == ["switched_off", "open_case"]


def test_an_older_statement_does_not_undo_a_newer_one(journal):
    hand_over(journal, message(blocked_by="open_case"), at=NOON + MINUTE)
    hand_over(journal, message(), at=NOON)
    assert state_of(journal) == "held: open_case"


def test_a_sent_message_is_never_touched(journal):
    hand_over(journal, message())
    (claimed,) = claim(journal)
    accepted = Answer(claimed.attempt_id, "ok", (Verdict("m1", "accepted"),))
    journal.record([accepted], NOON)
    assert hand_over(journal, message(blocked_by="superseded")).untouched == 1
    assert state_of(journal) == "accepted"


def test_a_block_stated_during_a_claim_counts_when_the_attempt_fails(journal):
    hand_over(journal, message())
    (claimed,) = claim(journal)
    hand_over(journal, message(blocked_by="no_consent"), at=NOON + MINUTE)
    assert state_of(journal) == "claimed"
    failed = Verdict("m1", "retry", "http 503", next_try_at=NOON)
    journal.record([Answer(claimed.attempt_id, "http 503", (failed,))], NOON + MINUTE)
    assert state_of(journal) == "cancelled: no_consent"


def test_what_may_have_been_sent_is_unknown_when_it_is_blocked_and_not_cancelled(journal):
    hand_over(journal, message())
    (claimed,) = claim(journal)
    ambiguous = Verdict("m1", "retry", "http 503", next_try_at=NOON, may_be_sent=True)
    journal.record([Answer(claimed.attempt_id, "http 503", (ambiguous,))], NOON)
    hand_over(journal, message(blocked_by="superseded"), at=NOON + MINUTE)
    assert state_of(journal) == "unknown: superseded"


def test_a_newer_consent_in_the_hand_over_lifts_an_older_opt_out(journal):
    hand_over(journal, message(consent_at=NOON - MINUTE), at=NOON)
    journal.block_addresses([block(stated_at=NOON)])
    hand_over(journal, message(consent_at=NOON + MINUTE), at=NOON + MINUTE)
    assert claimed_ids(journal, at=NOON + MINUTE) == ["m1"]


def test_the_superseded_is_written_before_what_supersedes_it(journal):
    winners = [message(number) for number in range(2500)]
    hand_over(journal, message(9999))
    loser = message(9999, blocked_by="superseded")
    hand_over(journal, *winners, loser, at=NOON + MINUTE)
    events = journal.feed("message_events", 1)
    assert (events[-1]["message_id"], events[-1]["state"]) != ("m9999", "cancelled")
    first_winner = next(e["seq"] for e in events if e["message_id"] == "m0")
    cancelled = next(e["seq"] for e in events if e["state"] == "cancelled")
    assert journal.message_counts() == {"cancelled": 1, "pending": 2500}
    assert cancelled - first_winner < 2000


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_class": "newsletter"},
        {"blocked_by": "bad_mood"},
        {"expires_at": (NOON + timedelta(days=1)).replace(tzinfo=UTC)},
    ],
)
def test_an_unknown_class_reason_or_a_zoned_time_is_refused(journal, wrong):
    with pytest.raises(UsageError):
        hand_over(journal, replace(message(), **wrong))
    assert journal.message_counts() == {}


def test_a_person_stopped_after_a_merge_is_found_under_the_new_id(journal):
    hand_over(journal, message(person_id="p1"))
    hand_over(journal, message(person_id="p0"), at=NOON + MINUTE)
    journal.stop("person", "p0", reason="asked by phone", by="ann")
    assert claimed_ids(journal, at=NOON + MINUTE) == []


def test_what_takes_the_place_of_a_message_waits_if_that_one_is_beyond_recall(journal):
    hand_over(journal, message(1))
    claim(journal)
    lost = message(1, blocked_by="outranked")
    hand_over(journal, lost, message(2, displaces=("m1",)), at=NOON + MINUTE)
    assert (state_of(journal, "m1"), state_of(journal, "m2")) == ("claimed", "held: outranked")


def test_what_may_have_been_sent_by_a_failed_attempt_is_beyond_recall_too(journal):
    hand_over(journal, message(1))
    (claimed,) = claim(journal)
    ambiguous = Verdict("m1", "retry", "http 503", next_try_at=NOON, may_be_sent=True)
    journal.record([Answer(claimed.attempt_id, "http 503", (ambiguous,))], NOON)
    lost = message(1, blocked_by="outranked")
    hand_over(journal, lost, message(2, displaces=("m1",)), at=NOON + MINUTE)
    assert state_of(journal, "m2") == "held: outranked"


def test_what_can_be_called_back_makes_room_and_may_go_again_later(journal):
    hand_over(journal, message(1))
    better = message(2, displaces=("m1",))
    hand_over(journal, message(1, blocked_by="outranked"), better, at=NOON + MINUTE)
    assert (state_of(journal, "m1"), state_of(journal, "m2")) == ("held: outranked", "pending")
    later = NOON + 2 * MINUTE
    hand_over(journal, message(1, displaces=("m2",)), message(2, blocked_by="outranked"), at=later)
    assert (state_of(journal, "m1"), state_of(journal, "m2")) == ("pending", "held: outranked")


def test_whatever_a_candidate_waits_for_its_message_can_be_held_for():
    waits = {
        *("switched_off", "open_case", "card_withdrawn", "stale_input", "input_behind"),
        *("quiet_hours", "outranked", "capped", "already_done"),
    }
    assert waits <= HOLDING
