import pytest
from handed import MINUTE, NOON, block, claim, claimed_ids, everything_stored, message, state_of

from baton.journal import Answer, ClaimOrder, Receipt, Verdict, moves
from baton.journal.records import Move
from baton.journal.rules import OPTED_OUT


@pytest.fixture
def claimed(journal):
    """One claimed message, under the retry class and message class given."""

    def hand_over_and_claim(retry_class="X", **changes):
        journal.hand_over([message(**changes)], checked_at=NOON)
        (one,) = claim(journal, order=ClaimOrder(retry_class))
        return one

    return hand_over_and_claim


def record(journal, one, *verdicts, at=NOON):
    return journal.record([Answer(one.attempt_id, "answer", verdicts)], at)


def states(journal):
    return [event["state"] for event in journal.feed("message_events", 0)]


def payload_is_blank(journal, target):
    journal.close()
    stored = everything_stored(target)
    return b"Ann-Sophie" not in stored and b"ann1@" not in stored


def test_every_change_of_state_is_an_event(journal, claimed):
    record(journal, claimed(), Verdict("m1", "accepted"))
    assert states(journal) == ["pending", "claimed", "accepted"]


def test_a_rejected_message_is_dead(journal, claimed):
    record(journal, claimed(), Verdict("m1", "rejected", "http 422"))
    assert states(journal) == ["pending", "claimed", "rejected", "dead"]
    assert state_of(journal) == "dead: http 422"


def test_a_bounce_blocks_the_address_at_once(journal, claimed):
    record(journal, claimed(), Verdict("m1", "bounced", "smtp rcpt 550 5.1.1"))
    journal.hand_over([message(message_id="m2")], checked_at=NOON)
    assert claimed_ids(journal) == []
    assert state_of(journal, "m2") == "cancelled: suppressed"


def test_a_verdict_of_an_attempt_that_lost_its_claim_is_ignored(journal, claimed):
    first = claimed("N")
    journal.recover(NOON)
    (second,) = claim(journal, order=ClaimOrder("N"))
    record(journal, first, Verdict("m1", "rejected", "late"))
    assert state_of(journal) == "claimed"
    record(journal, second, Verdict("m1", "accepted"))
    assert state_of(journal) == "accepted"


def test_a_batch_gets_one_verdict_per_item(journal):
    journal.hand_over([message(1), message(2)], checked_at=NOON)
    first, _ = claim(journal, order=ClaimOrder("U", per_request=2))
    record(journal, first, Verdict("m1", "accepted"), Verdict("m2", "rejected", "bad field"))
    assert journal.message_counts() == {"accepted": 1, "dead": 1}


def test_a_try_that_costs_nothing_is_not_counted(journal, claimed):
    wait = Verdict("m1", "retry", "http 429", next_try_at=NOON, costs_try=False)
    record(journal, claimed(), wait)
    (again,) = claim(journal)
    assert again.tries == 0
    record(journal, again, Verdict("m1", "retry", "http 503", next_try_at=NOON))
    assert claim(journal)[0].tries == 1


@pytest.mark.parametrize(
    ("retry_class", "message_class", "state"),
    [
        ("N", "marketing", "retry"),
        ("U", "sales", "retry"),
        ("X", "marketing", "unknown"),
        ("X", "sales", "unknown"),
        ("X", "service", "retry"),
        ("X", "transactional", "retry"),
    ],
)
def test_an_orphaned_claim_goes_again_or_stays_unknown_by_its_classes(
    journal, claimed, retry_class, message_class, state
):
    orphan = claimed(retry_class, message_class=message_class)
    assert journal.recover(NOON + MINUTE) == {state: 1}
    assert state_of(journal) == f"{state}: sender_died"
    assert journal.attempts("m1")[0]["status"] == "orphaned"
    again = claim(journal, at=NOON + MINUTE)
    assert [one.message_id for one in again] == (["m1"] if state == "retry" else [])
    assert all(one.attempt_id != orphan.attempt_id for one in again)


def test_recovery_without_orphans_changes_nothing(journal, claimed):
    record(journal, claimed(), Verdict("m1", "accepted"))
    before = journal.feed("message_events", 0)
    assert journal.recover(NOON) == {}
    assert journal.feed("message_events", 0) == before


ENDS = [
    Verdict("m1", "accepted"),
    Verdict("m1", "bounced", "smtp rcpt 550"),
    Verdict("m1", "unknown", "smtp timeout"),
]


@pytest.mark.parametrize("verdict", ENDS, ids=[verdict.state for verdict in ENDS])
def test_a_payload_is_blanked_at_the_end(journal, claimed, target, verdict):
    record(journal, claimed(), verdict)
    assert payload_is_blank(journal, target)


def test_the_payload_of_a_cancelled_message_is_blanked(journal, target):
    journal.hand_over([message()], checked_at=NOON)
    journal.hand_over([message(blocked_by="superseded")], checked_at=NOON)
    assert payload_is_blank(journal, target)


def test_the_payload_of_a_message_that_arrives_cancelled_is_never_stored(journal, target):
    journal.hand_over([message(blocked_by="no_consent")], checked_at=NOON)
    assert payload_is_blank(journal, target)


def test_a_message_that_waits_keeps_its_payload(journal, claimed, target):
    record(journal, claimed(), Verdict("m1", "retry", "smtp 451", next_try_at=NOON))
    assert not payload_is_blank(journal, target)


def test_a_dead_message_can_be_replayed_until_it_expires_and_is_blank_then(
    journal, claimed, target
):
    record(journal, claimed(expires_at=NOON + 2 * MINUTE), Verdict("m1", "rejected", "http 400"))
    assert journal.replay(["m1", "nobody"]) == ["m1"]
    (again,) = claim(journal)
    assert (again.address, again.tries) == ("ann1@mail.example", 0)
    record(journal, again, Verdict("m1", "rejected", "http 400"))
    journal.set_simulated_time(NOON + 2 * MINUTE)
    journal.recover(NOON + 2 * MINUTE)
    assert journal.replay(["m1"]) == []
    assert payload_is_blank(journal, target)


def receipt(status, message_id="m1"):
    return Receipt(message_id, status, NOON, "mail_provider")


def test_receipts_move_an_accepted_message_on(journal, claimed):
    record(journal, claimed(), Verdict("m1", "accepted"))
    assert journal.record_receipts([receipt("delivered"), receipt("delivered", "stranger")]) == 1
    assert state_of(journal) == "delivered: mail_provider"
    assert journal.record_receipts([receipt("bounced")]) == 1
    assert journal.record_receipts([receipt("bounced"), receipt("delivered")]) == 0
    assert state_of(journal) == "bounced: mail_provider"


def test_a_receipt_settles_what_was_unknown(journal, claimed):
    record(journal, claimed(), Verdict("m1", "unknown", "smtp timeout"))
    journal.record_receipts([receipt("delivered")])
    assert state_of(journal) == "delivered: mail_provider"


@pytest.mark.parametrize("status", ["bounced", "complained", "stopped"])
def test_a_bad_receipt_blocks_the_address(journal, claimed, status):
    record(journal, claimed(), Verdict("m1", "accepted"))
    journal.record_receipts([receipt(status)])
    journal.hand_over([message(message_id="m2", consent_at=NOON + MINUTE)], checked_at=NOON)
    assert claimed_ids(journal) == []


def test_an_opt_out_between_claim_and_answer_is_reported_with_both_times(journal, claimed):
    one = claimed()
    journal.block_addresses([block()])
    attempt = journal.attempts("m1")[0]
    answered = attempt["claimed_wall_at"] + MINUTE
    verdict = (Verdict("m1", "accepted"),)
    journal.record([Answer(one.attempt_id, "ok", verdict, answered_at=answered)], NOON)
    (late,) = journal.sent_before_optout()
    assert late["message_id"] == "m1"
    assert late["claimed_wall_at"] <= late["blocked_wall_at"] <= late["answered_wall_at"]


def test_a_receipt_ends_a_released_message_that_may_have_been_sent(journal, claimed):
    verdict = Verdict("m1", "retry", "timeout", next_try_at=NOON, may_be_sent=True)
    record(journal, claimed(), verdict)
    with journal._store.write() as connection:
        moves.apply(connection, [Move("m1", "pending", "released")], NOON)
    journal.record_receipts([receipt("delivered")])
    assert state_of(journal) == "delivered: mail_provider"
    assert claimed_ids(journal) == []


def test_an_opt_out_that_a_job_tells_of_blocks_the_address_as_stop(journal, claimed):
    one = claimed()
    accepted = Answer(one.attempt_id, "http 202", (Verdict("m1", "accepted"),), job_id="j1")
    journal.record([accepted], NOON)
    told = Verdict("m1", "rejected", OPTED_OUT)
    assert journal.record_job(one.attempt_id, [told]) == {"m1": "dead"}
    journal.hand_over([message(message_id="m2", consent_at=NOON + MINUTE)], checked_at=NOON)
    assert claimed_ids(journal) == []


def test_an_opt_out_before_a_dead_senders_claim_was_settled_is_reported(journal, claimed):
    one = claimed()
    journal.block_addresses([block()])
    settled = Verdict("m1", "unknown", "sender_died", may_be_sent=True)
    journal.record([Answer(one.attempt_id, "orphaned", (settled,))], journal.now())
    (late,) = journal.sent_before_optout()
    assert (late["message_id"], late["answered_wall_at"]) == ("m1", None)
