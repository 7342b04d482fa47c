"""`baton run --watch` as processes that die: whoever stands by takes over, and nothing is lost."""

import json
import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from baton.warehouse import reader

from .learned import land
from .records import after

pytestmark = pytest.mark.long
BATON = Path(sys.executable).with_name("baton")
_LONG_ENOUGH = 120


class Watching:
    """A process that runs continuously, and what it says of its batches."""

    def __init__(self, installation, *options):
        self.process = subprocess.Popen(
            [BATON, "run", "--watch", "--json", *options],
            cwd=installation.project.root,
            env={**os.environ, **installation.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._batches = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self):
        return self._batches.get(timeout=_LONG_ENOUGH)

    def next_with_rows(self):
        while not (batch := self.next())["rows_loaded"]:
            pass
        return batch

    def ends(self, number):
        self.process.send_signal(number)
        return self.process.wait(_LONG_ENOUGH)

    def _read(self):
        for line in self.process.stdout:
            self._batches.put(json.loads(line))


@pytest.fixture
def watching(knowing):
    """Start processes that are gone when the test is over."""
    knowing.journal.set_simulated_time(after(130))
    started = []

    def start(*options):
        started.append(Watching(knowing, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_it_ends_by_a_signal_after_the_batch_that_is_being_done(knowing, watching):
    run = watching()
    run.next()
    assert run.ends(signal.SIGTERM) == 0
    with reader(knowing.project.warehouse) as con:
        open_ = con.execute("select count(*) from raw.windows where state = 'open'").fetchall()
    assert open_ == [(0,)]


def test_another_process_goes_by_the_plan_from_its_first_batch_with_memory_at_hand(watching):
    run = watching()
    assert run.next()["runner"] == "plan"
    if platform.libc_ver()[0] == "glibc":
        environment = Path(f"/proc/{run.process.pid}/environ").read_text()
        assert "GLIBC_TUNABLES=glibc.malloc.tcache_count=" in environment


def test_a_second_one_says_who_is_at_work_and_exits_with_4(watching):
    watching().next()
    second = watching()
    assert second.process.wait(_LONG_ENOUGH) == 4
    assert "a continuous run is at work" in second.process.stderr.read()


def test_whoever_stands_by_takes_over_from_one_that_is_killed(knowing, watching):
    first = watching()
    first.next()
    standby = watching("--standby")
    assert first.ends(signal.SIGKILL) == -signal.SIGKILL
    standby.next()
    land(knowing, 135)
    assert standby.next_with_rows()["window_id"] > 4
    assert standby.ends(signal.SIGTERM) == 0


def test_what_arrives_between_a_kill_and_a_restart_is_taken_in_once(knowing, watching):
    first = watching()
    first.next()
    land(knowing, 135)
    first.ends(signal.SIGKILL)
    land(knowing, 140)
    again = watching()
    again.next()
    again.ends(signal.SIGTERM)
    with reader(knowing.project.warehouse) as con:
        states = con.execute("select distinct state from raw.windows").fetchall()
        twice = con.execute(
            "select statement_id from raw.consent_statements group by 1 having count(*) > 1"
        ).fetchall()
        no = con.execute("select count(*) from raw.consent_statements where not granted").fetchall()
    assert states == [("committed",)]
    assert twice == []
    assert no == [(1,)]
