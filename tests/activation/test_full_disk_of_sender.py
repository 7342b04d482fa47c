"""The disk under the journal is full while a sender works: it waits, and all goes once."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from loopback import NOON, WebServer, config, text, web_environment
from small_disks import small_disk

from activation import send
from baton.journal import Journal

BATON = Path(sys.executable).with_name("baton")
ROOT = Path(__file__).parents[2]
_FREE_AFTER = 0.5


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "small", "4m") as made:
        yield made


@pytest.fixture
def queue(disk):
    """A journal on the small disk, with four messages of four people that may go."""
    with Journal.open(disk.folder / "baton.journal.db") as opened:
        opened.set_simulated_time(NOON)
        opened.hand_over([text(n) for n in range(1, 5)], checked_at=NOON)
        yield opened


def test_a_disk_that_fills_while_answers_come_is_waited_for_and_each_message_goes_once(
    queue, disk, tmp_path
):
    def fill():
        disk.fill()
        threading.Timer(_FREE_AFTER, disk.free).start()
        return 204

    with WebServer(fill, 204) as server:
        report = send(queue, config(tmp_path, web_environment(server.port)), now=queue.now)
        ids = Counter(headers["webhook-id"] for _, headers, _ in server.seen.requests)
    assert report.states == {"accepted": 4}
    assert ids == {"s1": 1, "s2": 1, "s3": 1, "s4": 1}


@pytest.mark.long
def test_a_sender_that_finds_a_full_disk_says_so_once_and_the_next_one_sends_all_once(
    queue, disk, tmp_path
):
    with WebServer(204) as server:
        config(tmp_path, web_environment(server.port))
        environment = {
            **os.environ,
            **web_environment(server.port),
            "BATON_JOURNAL": str(disk.folder / "baton.journal.db"),
            "BATON_DESTINATIONS": str(tmp_path / "destinations.yml"),
        }
        disk.fill()
        full = sending(environment)
        assert full.returncode == 4
        assert full.stderr.count("the disk is full") == 1
        assert "mend:" in full.stderr
        assert "Traceback" not in full.stderr
        assert server.seen.requests == []
        disk.free()
        again = sending(environment)
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["by_destination"]
        ids = Counter(headers["webhook-id"] for _, headers, _ in server.seen.requests)
    assert ids == {"s1": 1, "s2": 1, "s3": 1, "s4": 1}
    assert queue.message_counts() == {"accepted": 4}


def sending(environment):
    command = [BATON, "send", "--json"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
