"""Workers that are killed: another one takes the place, so often and no more."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from loopback import NOON, WebServer, text, web_environment

from activation import send_by_workers
from activation.workers import Restarts
from baton.errors import BatonError
from baton.journal import Journal

SPAWNED = "spawn_main"


def test_the_waits_double_and_end():
    waits = [Restarts(most=4, first_seconds=0.5).wait_seconds(deaths) for deaths in range(1, 6)]
    assert waits == [0.5, 1, 2, 4, None]


def workers_of(pid):
    found = []
    for child in psutil.Process(pid).children():
        try:
            if SPAWNED in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def until(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def two_workers(folder, server):
    """`baton send --watch --workers 2`, killed at the end however the test went."""
    stores = {"BATON_JOURNAL": str(folder / "baton.journal.db")}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("baton"), "send", "--watch", "--workers", "2"],
        env=os.environ | web_environment(server.port) | stores,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_worker_killed_in_flight_is_started_again_and_all_is_sent(journal, tmp_path):
    with WebServer("hang") as server, two_workers(tmp_path, server) as sender:
        journal.hand_over([text(n) for n in range(4)], checked_at=NOON)
        assert server.seen.arrived.wait(60)
        first = {worker.pid for worker in workers_of(sender.pid)}
        assert len(first) == 2
        for pid in first:  # nobody is left who could settle the claims of the other
            os.kill(pid, signal.SIGKILL)
        until(lambda: len({w.pid for w in workers_of(sender.pid)} - first) == 2)
        server.answers = [204]
        journal.set_simulated_time(NOON.replace(hour=13))
        journal.hand_over([text(n) for n in range(6)], checked_at=journal.now())
        until(lambda: journal.message_counts() == {"accepted": 6})
        sender.send_signal(signal.SIGTERM)
        _, told = sender.communicate(timeout=30)
        assert sender.returncode == 0
    assert sorted(line for line in told.splitlines() if "died" in line) == [
        "worker 1 died (SIGKILL): again in 1 s",
        "worker 2 died (SIGKILL): again in 1 s",
    ]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_ctrl_c_in_a_terminal_lets_what_is_in_flight_come_to_its_verdict(journal, tmp_path):
    with WebServer("slow") as server, two_workers(tmp_path, server) as sender:
        journal.hand_over([text(n) for n in range(4)], checked_at=NOON)
        assert server.seen.arrived.wait(60)
        until(lambda: sender.pid not in [os.getpgid(w.pid) for w in workers_of(sender.pid)], 20)
        os.killpg(sender.pid, signal.SIGINT)
        sender.communicate(timeout=30)
    assert set(journal.message_counts()) <= {"accepted", "pending"}
    assert journal.message_counts()["accepted"] == len(server.seen.requests)


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_worker_that_dies_each_time_is_left_alone_in_the_end(tmp_path):
    target, killed, said = tmp_path / "baton.journal.db", set(), []
    Journal.open(target).close()
    is_over = threading.Event()

    def kill_all():
        while not is_over.wait(0.02):
            for worker in multiprocessing.active_children():
                killed.add(worker.pid)
                worker.kill()

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(BatonError, match="a worker died"):
            send_by_workers(
                1,
                str(target),
                watch=True,
                restarts=Restarts(most=2, first_seconds=0.1),
                say=said.append,
            )
    finally:
        is_over.set()
        killer.join()
    assert said == [f"worker 1 died (SIGKILL): again in {seconds} s" for seconds in ("0.1", "0.2")]
    assert len(killed) == 3
