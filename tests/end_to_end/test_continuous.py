"""The continuous run: news becomes decisions by itself, and others get their turn."""

import queue
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from baton import rooms
from baton.continuous import ContinuousRun, Limit, Pace
from baton.errors import Busy
from baton.retention import Retention, tidy
from baton.warehouse import holder, reader, writer

from .learned import land
from .records import after

OPT_OUT = "consent.statements"
_LONG_ENOUGH = 60


class AtWork:
    """A continuous run in a thread of its own, and its batches as they are done."""

    def __init__(self, installation, now=None, **pace):
        self.told = []
        self.work = ContinuousRun(
            installation.batches,
            installation.journal,
            pace=Pace(**pace) if pace else None,
            now=now,
            tell=self.told.append,
        )
        self._done = queue.Queue()
        self._thread = threading.Thread(target=self._go)

    def start(self):
        self._thread.start()
        return self.next()

    def stop(self):
        self.work.stop()
        self._thread.join(_LONG_ENOUGH)
        assert not self._thread.is_alive()

    def next(self):
        """The next batch; what ended the run is raised here."""
        batch = self._done.get(timeout=_LONG_ENOUGH)
        if isinstance(batch, BaseException):
            raise batch
        return batch

    def next_of(self, label):
        """The next batch that took in rows of a source."""
        while label not in (batch := self.next()).window.by_source:
            pass
        return batch

    def has_none(self):
        return self._done.empty()

    def _go(self):
        try:
            for batch in self.work.batches():
                self._done.put(batch)
        except BaseException as error:
            self._done.put(error)


@contextmanager
def at_work(installation, now=None, **pace):
    run = AtWork(installation, now, **pace)
    try:
        run.start()
        yield run
    finally:
        run.stop()


@pytest.fixture
def due(knowing):
    """The installation at the minute in which a reminder is due."""
    knowing.journal.set_simulated_time(after(130))
    return knowing


def test_a_file_that_lands_is_decided_upon_without_being_asked(due):
    with at_work(due) as run:
        land(due, 135)
        batch = run.next_of(OPT_OUT)
    assert batch.is_by_plan


def test_without_news_no_batch_runs_before_the_idle_time(due):
    with at_work(due, idle_seconds=3600) as run:
        time.sleep(0.5)
        assert run.has_none()


def test_without_news_a_batch_runs_after_the_idle_time(due):
    with at_work(due, idle_seconds=0.2) as run:
        while run.next().window.counts.rows_read:
            pass


_SOONEST = """
select min(d.due_at) from (
    select s.next_due_at as due_at from journeys.journey_states as s where s.status = 'open'
    union all
    select c.decide_after from decisions.candidates as c where not c.is_decided
) as d cross join raw.this_window as w where d.due_at > w.batch_time
"""


def test_the_next_look_is_when_the_soonest_timer_fires_or_candidate_waits_until(due):
    with holder(due.project.warehouse) as con:
        con.execute("begin")
        con.execute(
            "update decisions.candidates set is_decided = false, decide_after = "
            "(select w.batch_time + interval '90 seconds' from raw.this_window as w)"
        )
        steps = "journeys.int_journeys__steps where is_current and is_last and kind = 'step'"
        assert con.execute(f"select count(*) from {steps}").fetchall() != [(0,)]
        con.execute(f"create temp table more as from {steps}")
        con.execute("update more set next_due_at = next_due_at - interval '1 minute'")
        for other in ("is_current = false", "is_last = false", "kind = 'goal'"):
            con.execute(
                f"insert into journeys.int_journeys__steps select * replace ("
                f"{other.partition(' = ')[2]} as {other.partition(' = ')[0]}) from more"
            )
        found = []
        while (soonest := con.execute(_SOONEST).fetchall()[0][0]) is not None:
            assert due.batches.next_due(con) == soonest
            found.append(soonest)
            con.execute("update raw.this_window set batch_time = ?", [soonest])
        assert due.batches.next_due(con) is None
        con.execute("rollback")
    assert len(found) > 1


def test_what_happens_in_the_journal_is_news(due):
    with at_work(due, idle_seconds=3600) as run:
        due.journal.stop("journey", "quote_stalled", reason="wrong price", by="test")
        run.next_of("journal.switches")


def test_others_read_and_write_while_it_runs(due):
    with at_work(due, idle_seconds=3600) as run:
        with reader(due.project.warehouse) as con:
            assert con.execute("select count(*) from raw.windows").fetchall()
        with writer(due.project.warehouse) as con:
            con.execute("create table raw.of_an_analyst (x integer)")
        land(due, 135)
        run.next_of(OPT_OUT)


def test_a_clock_that_jumps_back_and_forth_is_told_of_once_and_nothing_is_lost(due):
    clock = [after(130)]
    with at_work(due, lambda: clock[-1], idle_seconds=0.2) as run:
        clock.append(after(70))
        land(due, 135)
        behind = run.next_of(OPT_OUT)
        assert behind.window.batch_time >= after(130)
        assert behind.clock_fault
        assert run.next().clock_fault, "as long as it is behind"
        clock.append(after(140))
        while (batch := run.next()).clock_fault:
            pass
        assert batch.window.batch_time >= after(140)
    (told,) = (one for one in run.told if "clock" in one)
    assert told.startswith("the clock is 1:00:00")


def test_what_is_old_goes_while_it_runs_and_the_plan_stays(due):
    policy, now = Retention(deliveries_days=1), after(130) + timedelta(days=60)
    about = {"reason": "wrong price", "by": "test"}
    with at_work(due, idle_seconds=3600) as run:
        due.journal.stop("journey", "quote_stalled", **about)
        run.next_of("journal.switches")
        due.journal.resume("journey", "quote_stalled", **about)
        run.next_of("journal.switches")
        land(due, 135)
        run.next_of(OPT_OUT)
        removed = tidy(due.project, due.journal, policy, now=now)
        assert removed["delivery rows folded"] > 0
        due.journal.stop("journey", "quote_stalled", **about)
        assert run.next_of("journal.switches").is_by_plan


def test_a_second_run_is_refused_and_leaves_the_first_alone(due):
    with at_work(due, idle_seconds=3600) as run:
        with pytest.raises(Busy, match="continuous run is at work"):
            next(iter(ContinuousRun(due.batches, due.journal).batches()))
        land(due, 135)
        run.next_of(OPT_OUT)


def test_it_waits_for_a_command_that_writes(due):
    with writer(due.project.warehouse):
        run = AtWork(due)
        run._thread.start()
        while run.work.waits_for is None:
            time.sleep(0.01)
        assert run.has_none()
    run.next()
    run.stop()
    assert not rooms.is_running(due.project.warehouse)


def test_a_backlog_is_worked_off_in_windows_without_waiting_between_them(due):
    with at_work(due, idle_seconds=3600, least=1, most=1) as run:
        land(due, 135)
        run.next_of(OPT_OUT)


def test_windows_grow_while_they_are_fast_and_shrink_when_slow():
    limit = Limit(Pace(target_seconds=1, least=100, most=4_000))
    first = limit.rows
    limit.learn(first, 0.2)
    assert limit.rows == 2 * first
    for _ in range(9):
        limit.learn(limit.rows, 0.2)
    assert limit.rows == 4_000
    limit.learn(4_000, 2.5)
    assert limit.rows == 2_000
    limit.learn(10, 9.9)
    assert limit.rows == 2_000


def test_where_every_batch_is_slow_windows_grow_until_that_is_a_third_of_them():
    limit = Limit(Pace(target_seconds=1, least=100, most=100_000))
    for rows in (0, 10, 100, limit.rows, limit.rows // 2):
        limit.learn(rows, 2 + rows / 1_000)
    for _ in range(20):
        limit.learn(limit.rows, 2 + limit.rows / 1_000)
    seconds = 2 + limit.rows / 1_000
    assert 6 <= seconds <= 12


def test_one_slow_batch_among_small_ones_does_not_make_windows_long():
    limit = Limit(Pace(target_seconds=1, least=100, most=100_000))
    for seconds in (0.2, 9, 0.2):
        limit.learn(10, seconds)
    limit.learn(limit.rows, 1.5)
    assert limit.rows == 1_000
