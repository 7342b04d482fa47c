from datetime import timedelta

import pytest
from loopback import NOON

from activation.exchange import ItemVerdict
from activation.retries import RetryPolicy, backoff_seconds, decide, jitter_of
from baton.journal import Claimed

POLICY = RetryPolicy(max_tries=3, base_seconds=60, cap_seconds=600, jitter=0)


def claimed(tries=0, message_class="marketing"):
    """A claimed message that failed so many times before."""
    return Claimed(
        message_id="m1",
        attempt_id="a1",
        candidate_id="c1",
        instance_id="i1",
        journey="quote_stalled",
        action="remind",
        node_id="n1",
        person_id="p1",
        contact_point_id="cp1",
        channel="email",
        destination="shop_mail",
        message_class=message_class,
        brand="shop",
        template=None,
        tries=tries,
        expires_at=NOON + timedelta(days=1),
        handed_at=NOON,
    )


def outcome(claimed_message, kind, retry_class="X", **more):
    item = ItemVerdict(claimed_message.message_id, kind, "code", **more)
    return decide(item, claimed_message, retry_class=retry_class, now=NOON, policy=POLICY)


@pytest.mark.parametrize("kind", ["accepted", "bounced", "rejected"])
def test_a_clear_answer_stands(kind):
    assert outcome(claimed(), kind).state == kind


@pytest.mark.parametrize("retry_class", ["N", "U", "X"])
def test_what_was_not_sent_is_tried_again_in_every_class(retry_class):
    verdict = outcome(claimed(), "not_sent", retry_class)
    assert (verdict.state, verdict.costs_try, verdict.may_be_sent) == ("retry", True, False)
    assert verdict.next_try_at == NOON + timedelta(seconds=60)


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
def test_an_ambiguous_failure_follows_retry_class_and_message_class(
    retry_class, message_class, state
):
    verdict = outcome(claimed(message_class=message_class), "ambiguous", retry_class)
    assert (verdict.state, verdict.may_be_sent) == (state, True)


def test_a_429_costs_no_try_and_waits_as_told():
    verdict = outcome(claimed(tries=99), "throttled", retry_after=7)
    assert (verdict.state, verdict.costs_try) == ("retry", False)
    assert verdict.next_try_at == NOON + timedelta(seconds=7)


def test_a_message_is_dead_after_its_last_try():
    assert outcome(claimed(tries=1), "not_sent").state == "retry"
    assert outcome(claimed(tries=2), "not_sent").state == "dead"
    assert outcome(claimed(tries=2), "ambiguous", "N").state == "dead"


def test_retry_after_lengthens_the_wait_and_never_shortens_it():
    longer = outcome(claimed(), "ambiguous", "N", retry_after=500)
    shorter = outcome(claimed(), "ambiguous", "N", retry_after=1)
    assert longer.next_try_at == NOON + timedelta(seconds=500)
    assert shorter.next_try_at == NOON + timedelta(seconds=60)


def test_waits_double_up_to_the_cap():
    waits = [backoff_seconds(tries, POLICY, 0.5) for tries in range(1, 7)]
    assert waits == [60, 120, 240, 480, 600, 600]


def test_jitter_spreads_messages_and_repeats_for_the_same_try():
    draws = [jitter_of(f"m{number}", 1) for number in range(200)]
    assert draws == [jitter_of(f"m{number}", 1) for number in range(200)]
    assert min(draws) < 0.05
    assert 0.95 < max(draws) < 1
