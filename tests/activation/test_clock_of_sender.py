"""A clock that jumps under a sender: what goes, goes once, and nothing is lost."""

from collections import Counter
from datetime import timedelta
from itertools import chain, repeat

import pytest
from loopback import NOON, WebServer, config, text, web_environment

from activation import send
from baton.journal import Journal

HOUR = timedelta(hours=1)


@pytest.fixture
def queue(tmp_path):
    """A journal with four messages of four people, checked at noon."""
    with Journal.open(tmp_path / "baton.journal.db") as opened:
        opened.hand_over([text(n) for n in range(1, 5)], checked_at=NOON)
        yield opened


@pytest.fixture
def sent(queue, tmp_path):
    """Send by a clock; return how often each message came to the gateway."""

    def by(*clock):
        times = chain(clock, repeat(clock[-1]))
        with WebServer(204) as server:
            send(queue, config(tmp_path, web_environment(server.port)), now=lambda: next(times))
            return Counter(headers["webhook-id"] for _, headers, _ in server.seen.requests)

    return by


ALL = {f"s{n}": 1 for n in range(1, 5)}


@pytest.mark.parametrize(
    "clock",
    [
        (NOON, NOON - HOUR, NOON),
        (NOON, NOON, NOON - HOUR),
        (NOON - HOUR,),
        (NOON, NOON, NOON, NOON, NOON + 3 * HOUR, NOON),
    ],
)
def test_however_the_clock_jumps_meanwhile_each_message_goes_once(queue, sent, clock):
    first = sent(*clock)
    queue.hand_over([text(n) for n in range(1, 5)], checked_at=NOON + 3 * HOUR)
    assert first + sent(NOON + 3 * HOUR) == ALL
    assert queue.message_counts() == {"accepted": 4}


def test_a_clock_that_jumps_ahead_sends_nothing_that_was_not_checked_since(queue, sent):
    assert sent(NOON + HOUR) == {}
    queue.hand_over([text(n) for n in range(1, 5)], checked_at=NOON + HOUR)
    assert sent(NOON + HOUR) == ALL


def test_what_a_clock_ahead_took_for_expired_is_not_sent_when_it_is_set_right(queue, sent):
    assert sent(NOON + timedelta(days=3)) == {}
    assert sent(NOON) == {}
    assert queue.message_counts() == {"cancelled": 4}
