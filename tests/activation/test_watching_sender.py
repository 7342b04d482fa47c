"""Senders that watch, and workers, as processes: what comes is sent, and stopping loses nothing."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback import NOON, WebServer, config, task, text, web_environment

from activation import send, send_by_workers
from baton.journal import Journal

HERE = Path(__file__).parent
PATHS = {"PYTHONPATH": f"{HERE}:{HERE.parents[1]}"}
WATCHER = """
import os, sys
from pathlib import Path
from loopback import config
from activation import send
from baton.journal import Journal
with Journal.open(Path(sys.argv[1]) / "baton.journal.db") as journal:
    configured = config(Path(sys.argv[1]), dict(os.environ))
    print("ready", flush=True)
    report = send(journal, configured, now=journal.now, watch=True, heed_signals=True)
    print(report.states, flush=True)
"""


@contextmanager
def watcher(tmp_path, server):
    """A sender that watches, stopped at the end however the test went."""
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(tmp_path)],
        env=os.environ | web_environment(server.port) | PATHS,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def until(what, seconds=20):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_watching_sender_sends_what_comes_and_is_due_and_ends_well_on_sigterm(journal, tmp_path):
    with WebServer(503, 204) as server, watcher(tmp_path, server) as sender:
        journal.hand_over([text(1)], checked_at=NOON)
        until(lambda: journal.message("s1")["state"] == "retry")
        journal.set_simulated_time(journal.message("s1")["next_try_at"])
        journal.hand_over([text(2)], checked_at=journal.now())
        until(lambda: journal.message_counts() == {"accepted": 2})
        sender.send_signal(signal.SIGTERM)
        assert sender.wait(10) == 0
        assert "'accepted': 2" in sender.stdout.read()


def test_a_stop_lifted_while_it_watches_lets_messages_go(journal, tmp_path):
    journal.stop("journey", "quote_stalled", reason="wrong text", by="ann")
    journal.hand_over([text(1)], checked_at=NOON)
    with WebServer(204) as server, watcher(tmp_path, server):
        time.sleep(0.3)
        assert server.seen.requests == []
        journal.resume("journey", "quote_stalled", reason="mended", by="ann")
        until(lambda: journal.message_counts() == {"accepted": 1})


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_is_in_flight_when_it_is_stopped_gets_its_verdict(journal, tmp_path, sign):
    with WebServer("slow") as server, watcher(tmp_path, server) as sender:
        journal.hand_over([text(n) for n in range(3)], checked_at=NOON)
        assert server.seen.arrived.wait(20)
        until(lambda: len(server.seen.requests) == 3)
        sender.send_signal(sign)
        assert sender.wait(20) == 0
    assert journal.message_counts() == {"accepted": 3}


def test_a_stop_that_comes_as_two_signals_is_one_stop(journal, tmp_path):
    with WebServer("slow") as server, watcher(tmp_path, server) as sender:
        journal.hand_over([text(1)], checked_at=NOON)
        assert server.seen.arrived.wait(20)
        sender.send_signal(signal.SIGINT)
        time.sleep(0.1)  # the first one has been heeded
        sender.send_signal(signal.SIGTERM)
        assert sender.wait(20) == 0
    assert journal.message_counts() == {"accepted": 1}


def test_workers_share_the_work_and_add_up_in_one_report(tmp_path, monkeypatch):
    target = tmp_path / "baton.journal.db"
    with Journal.open(target) as journal, WebServer(204) as server:
        journal.set_simulated_time(NOON)
        messages = [text(n, address=f"+1555010{n:04}") for n in range(60)]
        journal.hand_over(messages, checked_at=NOON)
        for name, value in web_environment(server.port).items():
            monkeypatch.setenv(name, value)
        report = send_by_workers(2, str(target))
        ids = [headers["webhook-id"] for _, headers, _ in server.seen.requests]
    assert report.states == {"accepted": 60}
    assert report.waiting == {}
    assert sorted(ids) == sorted(message.message_id for message in messages)


def test_two_destinations_of_one_account_keep_to_its_limit_together(journal, tmp_path):
    shared = {"account": "gateway", "limit": {"rate": 8, "per_seconds": 1, "concurrency": 4}}
    with WebServer(204) as server:
        configured = config(
            tmp_path, web_environment(server.port), sms_gateway=shared, crm_tasks=shared
        )
        journal.hand_over([make(n) for make in (text, task) for n in range(1, 10)], checked_at=NOON)
        began = time.monotonic()
        assert send(journal, configured, now=journal.now).states == {"accepted": 18}
    assert time.monotonic() - began >= 2
