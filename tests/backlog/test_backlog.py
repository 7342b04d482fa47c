"""A first load, a backlog and a repaired signal send nothing that timely batches would not have."""

import pytest

from benchmarks.backlog import measure
from benchmarks.backlog_events import GO_LIVE, Size

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def half_a_day(tmp_path_factory):
    """A first load, then twelve hours by all runs of the benchmark, its controls too."""
    return measure(tmp_path_factory.mktemp("day"), size=Size(10_000, hours=12), slices=3)


def test_a_first_load_sends_nothing_although_some_of_it_is_still_due(half_a_day):
    assert half_a_day["sent_first_load"] == 0
    assert half_a_day["held_back_first_load"] > 0


def test_a_backlog_in_slices_sends_nothing_that_timely_batches_would_not_have_sent(half_a_day):
    assert half_a_day["slices"] > 1
    first, *_, last = half_a_day["watermarks"]
    assert str(GO_LIVE) < first < last
    assert 0 < half_a_day["sent_backlog"] < half_a_day["sent_timely"]
    assert half_a_day["sent_not_timely"] == half_a_day["sent_not_timely_by_meaning"] == 0


def test_a_backlog_reminds_nobody_who_has_already_acted(half_a_day):
    assert half_a_day["sent_to_those_who_had_acted"] == 0


def test_timers_that_look_at_the_clock_would_send_what_timely_batches_do_not(half_a_day):
    assert half_a_day["sent_not_timely"] == 0
    assert half_a_day["sent_not_timely_when_weakened"] > 0
    assert half_a_day["sent_to_those_who_had_acted_when_weakened"] > 0


def test_a_signal_mended_and_heard_again_sends_nothing_of_what_was_due_before(half_a_day):
    assert half_a_day["held_back_after_repair"] > 0
    assert half_a_day["sent_after_repair"] > 0
    assert half_a_day["sent_after_repair_not_timely"] == 0
