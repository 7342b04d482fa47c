"""What has ended long ago loses its traces in the journal; what may still be asked for stays."""

from datetime import timedelta

import pytest
from handed import NOON, claim, message, state_of

from baton.journal import Answer, Receipt, Stake, Verdict

OLD = NOON + timedelta(days=1)
BEFORE = NOON + timedelta(days=10)
EVERYTHING = {"message_events": 10**9, "sync_outcomes": 10**9}


@pytest.fixture
def sent(journal):
    """Three messages in one request: accepted, dead and to be tried again."""
    journal.hand_over([message(n) for n in (1, 2, 3)], checked_at=NOON)
    taken = claim(journal)
    verdicts = [Verdict("m1", "accepted"), Verdict("m2", "rejected", "http 422")]
    verdicts += [Verdict("m3", "retry", "http 500", next_try_at=OLD)]
    by_attempt = {one.attempt_id for one in taken}
    for attempt_id in by_attempt:
        mine = {one.message_id for one in taken if one.attempt_id == attempt_id}
        answer = Answer(attempt_id, "200", tuple(v for v in verdicts if v.message_id in mine))
        journal.record([answer], NOON)
    return journal


def close_the_stream(journal):
    """One more event, so that the last of the stream is another message's."""
    journal.hand_over([message(9, expires_at=BEFORE + timedelta(days=90))], checked_at=OLD)


def test_ended_messages_lose_events_and_attempts_and_keep_their_own_row(sent):
    close_the_stream(sent)
    found = sent.retirable(BEFORE, EVERYTHING)
    assert found.message_ids == ["m1", "m2"]
    assert found.counts["message_events"] == len(
        [*sent.message_events("m1"), *sent.message_events("m2")]
    )
    sent.retire(found)
    assert [sent.message_events(one) for one in ("m1", "m2")] == [[], []]
    assert [sent.attempts(one) for one in ("m1", "m2")] == [[], []]
    assert state_of(sent, "m1") == "accepted"
    assert len(sent.attempts("m3")) == 1
    assert state_of(sent, "m3") == "retry: http 500"
    assert sent.retirable(BEFORE, EVERYTHING).message_ids == []


def test_a_message_whose_traces_went_is_not_sent_again(sent):
    close_the_stream(sent)
    sent.retire(sent.retirable(BEFORE, EVERYTHING))
    done = sent.hand_over([message(1)], checked_at=OLD)
    assert (done.new, state_of(sent, "m1")) == (0, "accepted")
    assert "m1" not in {one.message_id for one in claim(sent, at=OLD)}


def test_events_that_the_warehouse_has_not_loaded_stay(sent):
    close_the_stream(sent)
    last = max(row["seq"] for row in sent.feed("message_events", 0) if row["message_id"] == "m1")
    loaded = {"message_events": last - 1}
    assert "m1" not in sent.retirable(BEFORE, loaded).message_ids


def test_a_message_that_is_reported_on_after_it_was_found_keeps_its_events(sent):
    close_the_stream(sent)
    last = sent.feed("message_events", 0)[-1]["seq"]
    found = sent.retirable(BEFORE, {"message_events": last})
    assert found.message_ids == ["m1", "m2"]
    assert sent.record_receipts([Receipt("m1", "delivered", NOON, "mail_provider")]) == 1
    sent.hand_over([message(8)], checked_at=OLD)
    before = sent.message_events("m1")
    sent.retire(found)
    assert sent.message_events("m1") == before
    assert sent.message_events("m2") == []


def test_the_last_number_of_the_stream_is_never_given_twice(sent):
    last = sent.feed("message_events", 0)[-1]["seq"]
    sent.retire(sent.retirable(BEFORE, EVERYTHING))
    close_the_stream(sent)
    assert [row["seq"] for row in sent.feed("message_events", last)] == [last + 1]


def test_what_has_not_ended_or_not_long_ago_stays(sent):
    close_the_stream(sent)
    assert sent.retirable(NOON, EVERYTHING).message_ids == []
    waits = sent.retirable(BEFORE + timedelta(days=365), EVERYTHING).message_ids
    assert not {"m3", "m9"} & set(waits)


def test_only_the_last_drop_of_a_name_stays(journal):
    for content in ("a", "b", "c"):
        journal.record_drop("list", content, row_count=1)
    journal.record_drop("other", "a", row_count=1)
    found = journal.retirable(BEFORE, EVERYTHING)
    assert found.counts["drops"] == 2
    journal.retire(found)
    assert not journal.record_drop("list", "c", row_count=1)
    assert journal.record_drop("list", "a", row_count=1)


def test_without_an_age_only_spent_permits_go(sent):
    close_the_stream(sent)
    sent.share_permits("spent", "worker", [Stake("window", 10, 0, 0)], lease=timedelta(0))
    sent.share_permits("held", "worker", [Stake("window", 10, 0, 0)], lease=timedelta(hours=1))
    found = sent.retirable(None, EVERYTHING)
    assert dict(found.counts) == {"permits": 2}
    sent.retire(found)
    assert dict(sent.retirable(None, EVERYTHING).counts) == {"permits": 0}
    assert sent.message_events("m1")
