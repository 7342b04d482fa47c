from datetime import timedelta

import pytest
from claiming import claim_once
from handed import MINUTE, NOON, block, claim, claimed_ids, message, state_of

from baton.journal import Answer, ClaimOrder, Verdict


@pytest.fixture
def hand_over(journal):
    return lambda *messages: journal.hand_over(messages, checked_at=NOON)


SCOPES = [
    ("global", None),
    ("brand", "shop"),
    ("journey", "quote_stalled"),
    ("action", "email_quote_reminder"),
    ("channel", "email"),
    ("destination", "shop_mail"),
    ("person", "p1"),
]


@pytest.mark.parametrize(("scope", "value"), SCOPES)
def test_nothing_of_a_stopped_scope_is_claimed_until_it_is_resumed(
    journal, hand_over, scope, value
):
    hand_over(message())
    journal.stop(scope, value, reason="complaints", by="ann")
    assert claimed_ids(journal) == []
    journal.resume(scope, value, reason="mended", by="ann")
    assert claimed_ids(journal) == ["m1"]


@pytest.mark.parametrize(("scope", "value"), [s for s in SCOPES if s[0] != "global"])
def test_a_switch_of_another_value_stops_nothing(journal, hand_over, scope, value):
    hand_over(message())
    journal.stop(scope, f"not_{value}", reason="complaints", by="ann")
    assert claimed_ids(journal) == ["m1"]


@pytest.mark.parametrize("kind", ["bounce", "complaint", "stop", "legal", "deceased"])
def test_a_suppressed_address_gets_nothing_whatever_consent_brand_or_purpose(
    journal, hand_over, kind
):
    hand_over(message(consent_at=NOON + MINUTE))
    old = NOON - timedelta(days=99)
    journal.block_addresses([block(kind=kind, brand="other", purpose="service", stated_at=old)])
    assert claimed_ids(journal) == []
    assert state_of(journal) == "cancelled: suppressed"


@pytest.mark.parametrize(
    ("blocked", "consent_at", "claimed"),
    [
        ({}, NOON - MINUTE, False),
        ({}, NOON, False),
        ({}, NOON + MINUTE, True),
        ({}, None, False),
        ({"brand": "shop"}, None, False),
        ({"brand": "other"}, None, True),
        ({"purpose": "marketing"}, None, False),
        ({"purpose": "service"}, None, True),
        ({"channel": "sms"}, None, True),
        ({"address": "someone@mail.example"}, None, True),
        ({"address": " ANN1@Mail.Example "}, None, False),
    ],
)
def test_an_opt_out_counts_for_its_address_brand_and_purpose_unless_the_yes_is_newer(
    journal, hand_over, blocked, consent_at, claimed
):
    hand_over(message(consent_at=consent_at))
    journal.block_addresses([block(**blocked)])
    assert claimed_ids(journal) == (["m1"] if claimed else [])
    assert state_of(journal) == ("claimed" if claimed else "cancelled: opted_out")


@pytest.mark.parametrize("kind", ["stop", "legal", "deceased"])
@pytest.mark.parametrize(("minutes", "claimed"), [(-1, False), (0, False), (1, True)])
def test_what_can_be_taken_back_holds_until_a_newer_end_of_it(
    journal, hand_over, kind, minutes, claimed
):
    hand_over(message())
    ended = NOON + minutes * MINUTE
    journal.block_addresses([block(kind=kind), block(kind=f"end_of_{kind}", stated_at=ended)])
    assert claimed_ids(journal) == (["m1"] if claimed else [])


@pytest.mark.parametrize("kind", ["bounce", "complaint", "stop"])
def test_an_end_of_one_kind_lifts_no_other(journal, hand_over, kind):
    hand_over(message(consent_at=NOON + MINUTE))
    journal.block_addresses([block(kind=kind)])
    journal.block_addresses([block(kind="end_of_legal", stated_at=NOON + MINUTE)])
    assert claimed_ids(journal) == []


def test_an_end_alone_blocks_nothing(journal, hand_over):
    hand_over(message(consent_at=None))
    journal.block_addresses([block(kind="end_of_stop", stated_at=NOON + MINUTE)])
    assert claimed_ids(journal) == ["m1"]


def test_one_phone_number_in_two_spellings_is_one_address(journal, hand_over):
    hand_over(message(channel="sms", address="+1 (555) 010-0200"))
    journal.block_addresses([block(channel="sms", address="0015550100200", kind="stop")])
    assert claimed_ids(journal) == []


def test_a_stop_on_one_channel_leaves_another_channel_of_the_same_number_alone(journal, hand_over):
    number = "+1 555 010 0200"
    hand_over(message(1, channel="sms", address=number))
    journal.block_addresses([block(channel="whatsapp", address=number, kind="stop")])
    assert claimed_ids(journal) == ["m1"]


def test_what_tells_a_tool_of_an_opt_out_is_not_stopped_by_that_opt_out(journal, hand_over):
    hand_over(message(lane="opt_out", consent_at=None))
    journal.block_addresses([block()])
    assert claimed_ids(journal) == ["m1"]


def test_an_internal_task_has_no_address_to_block(journal, hand_over):
    hand_over(message(address=None, consent_at=None, message_class="sales", channel="crm"))
    journal.block_addresses([block(channel="crm")])
    assert claimed_ids(journal) == ["m1"]


def test_an_expired_message_dies_unsent(journal, hand_over):
    hand_over(message(1, expires_at=NOON), message(2, expires_at=NOON + MINUTE))
    assert claimed_ids(journal) == ["m2"]
    assert state_of(journal) == "cancelled: expired"


def test_a_message_that_expires_while_its_batch_is_refused_is_not_claimed_again(journal, hand_over):
    hand_over(message(1, expires_at=NOON + MINUTE), message(2))
    order = ClaimOrder("U", per_request=2)
    with journal.working() as worker:
        claimed = journal.claim("shop_mail", 2, NOON, worker, order)
        again = tuple(Verdict(one.message_id, "retry", "split") for one in claimed)
        refused = Answer(claimed[0].attempt_id, "http 400 split", again)
        parts = journal.reclaim(refused, NOON + MINUTE, worker, order)
    assert [part.message_id for part in parts] == ["m2"]
    assert state_of(journal) == "cancelled: expired"


def test_a_held_message_expires_too(journal, hand_over):
    hand_over(message(blocked_by="open_case", expires_at=NOON))
    claimed_ids(journal)
    assert state_of(journal) == "cancelled: expired"


def test_what_was_last_checked_too_long_ago_is_not_claimed(journal, hand_over):
    hand_over(message())
    assert claimed_ids(journal, at=NOON + 15 * MINUTE + timedelta(seconds=1)) == []
    wider = ClaimOrder(checked_within_minutes=30)
    assert len(claim(journal, at=NOON + 16 * MINUTE, order=wider)) == 1


def test_a_retry_is_not_claimed_before_it_is_due(journal, hand_over):
    hand_over(message())
    (claimed,) = claim(journal)
    later = Verdict("m1", "retry", "smtp 451", next_try_at=NOON + 2 * MINUTE)
    journal.record([Answer(claimed.attempt_id, "smtp 451", (later,))], NOON)
    assert claimed_ids(journal, at=NOON + MINUTE) == []
    assert claimed_ids(journal, at=NOON + 2 * MINUTE) == ["m1"]


@pytest.mark.parametrize("same", [{"node_id": "n"}, {"address": "one@mail.example"}])
def test_one_message_is_in_flight_per_person_and_destination(journal, hand_over, same):
    hand_over(message(1, **same), message(2, **same))
    assert claimed_ids(journal) == ["m1"]
    assert claimed_ids(journal) == []
    attempt = journal.attempts("m1")[0]["attempt_id"]
    journal.record([Answer(attempt, "ok", (Verdict("m1", "accepted"),))], NOON)
    assert claimed_ids(journal) == ["m2"]


def test_two_destinations_may_reach_a_person_at_once(journal, hand_over):
    hand_over(message(1, node_id="n"), message(2, node_id="n", destination="crm_tasks"))
    assert claimed_ids(journal) == ["m1"]
    assert len(claim_once(journal, "crm_tasks", 9, NOON)) == 1


def test_the_order_is_lane_then_priority_then_id(journal, hand_over):
    hand_over(
        message(1, lane="backfill", priority=99),
        message(2, message_class="marketing", priority=1),
        message(3, message_class="sales", priority=5),
        message(4, message_class="service", priority=1),
        message(5, message_class="transactional", priority=1),
        message(6, lane="opt_out", priority=0),
        message(7, message_class="marketing", priority=5),
    )
    assert claimed_ids(journal) == ["m6", "m5", "m4", "m3", "m7", "m2", "m1"]


def test_a_claim_passes_over_what_is_blocked_and_still_fills_its_limit(journal, hand_over):
    hand_over(*[message(number) for number in range(1000, 1400)])
    journal.block_addresses([block(number) for number in range(1000, 1350)])
    assert len(claimed_ids(journal, limit=50)) == 50
    assert journal.message_counts() == {"cancelled": 350, "claimed": 50}


def test_the_attempt_stands_in_the_journal_when_the_claim_returns(journal, hand_over):
    hand_over(message(1), message(2), message(3))
    claimed = claim(journal, order=ClaimOrder("U", per_request=2))
    assert claimed[0].attempt_id == claimed[1].attempt_id != claimed[2].attempt_id
    (attempt,) = journal.attempts("m1")
    assert (attempt["status"], attempt["items"]) == ("claimed", 2)


def test_no_payload_shows_in_the_repr_of_a_claim(journal, hand_over):
    hand_over(message())
    (claimed,) = claim(journal)
    assert claimed.address == "ann1@mail.example"
    assert claimed.variables == {"first_name": "Ann-Sophie"}
    assert "ann1" not in repr(claimed)
    assert "Sophie" not in repr(message())
