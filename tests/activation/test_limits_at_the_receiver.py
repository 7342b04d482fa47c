"""Limits as the receiver sees them: fixed windows by its own clock, senders in processes."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from faults import FaultServer, FixedWindow
from loopback import NOON, text
from vendor import WITH_VENDOR

from activation import DestinationsConfig, send
from baton.journal import Journal

HERE = Path(__file__).parent
SENDERS = 3


def write_destinations(folder, server, names, **settings):
    same = {"type": "vendor", "retry_class": "N", "account": "shop"}
    destinations = {name: same | {"url": server.url(name)} | settings for name in names}
    content = {"templates": str(folder), "destinations": destinations}
    (folder / "destinations.yml").write_text(yaml.safe_dump(content))


def messages(count, name):
    same = {"destination": name, "template": None}
    return [
        text(
            1, message_id=f"{name}{n}", node_id=f"{name}{n}", address=f"+1{ord(name)}{n:08}", **same
        )
        for n in range(count)
    ]


@pytest.fixture
def start():
    """Start a sender process; it prints when it has begun and when it has ended."""
    started = []

    def one(folder):
        command = [sys.executable, HERE / "one_sender.py", folder, folder / "j.db", "none"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        paths = {"PYTHONPATH": f"{HERE}:{HERE.parents[1]}"}
        started.append(subprocess.Popen(command, env=os.environ | paths, **pipes))
        started[-1].stdin.write("go\n")
        started[-1].stdin.flush()
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.communicate()


def use_of_an_account(folder, start, rate, seconds, count):
    """The part of its limit that whole windows used, in one run of all senders; none exceeded."""
    windows = [FixedWindow(rate, seconds), FixedWindow(3000, 60)]
    folder.mkdir()
    with (
        FaultServer(windows=windows) as server,
        Journal.open(folder / "j.db", grace=timedelta(0)) as journal,
    ):
        limit = {"rate": rate, "per_seconds": seconds, "concurrency": 50}
        limit["more"] = [{"rate": 3000, "per_seconds": 60}]
        write_destinations(folder, server, "ab", limit=limit)
        journal.set_simulated_time(NOON)
        batch = [one for name in "ab" for one in messages(count // 2, name)]
        journal.hand_over(batch, checked_at=NOON)
        senders = [start(folder) for _ in range(SENDERS)]
        for sender in senders:
            sender.stdout.readline()
            assert sender.stdout.readline() == "0\n"
    assert [window.refused for window in windows] == [0, 0]
    assert len(server.log) == count
    whole = sorted(windows[0].counts.items())[3:-2]  # without the start and the end
    return sum(taken for _, taken in whole) / len(whole) / rate


@pytest.mark.long
@pytest.mark.parametrize(("rate", "seconds", "count"), [(20, 1, 300), (100, 5, 700)])
def test_two_destinations_and_three_senders_use_95_percent_of_an_account_and_exceed_nothing(
    tmp_path, start, rate, seconds, count
):
    """The best of three runs: other work on the machine lowers the use, and never raises it."""
    used = []
    while len(used) < 3 and max(used, default=0) < 0.95:
        folder = tmp_path / f"run{len(used)}"
        used.append(use_of_an_account(folder, start, rate, seconds, count))
    print("used", *(f"{one:.3f}" for one in used))
    assert max(used) >= 0.95


@pytest.mark.long
def test_a_storm_of_429_costs_no_try_and_loses_nothing(tmp_path):
    """The receiver allows less than is declared of it."""
    window = FixedWindow(10, 1)
    with FaultServer(windows=[window]) as server, Journal.open(tmp_path / "j.db") as journal:
        write_destinations(tmp_path, server, "a", limit={"rate": 200, "per_seconds": 1})
        configured = DestinationsConfig.load(tmp_path / "destinations.yml", {}, WITH_VENDOR)
        journal.set_simulated_time(NOON)
        journal.hand_over(messages(60, "a"), checked_at=NOON)
        deadline = time.monotonic() + 60
        while journal.message_counts() != {"accepted": 60} and time.monotonic() < deadline:
            send(journal, configured, now=journal.now)
            journal.set_simulated_time(journal.now() + timedelta(seconds=2))
        assert window.refused > 0
        assert max(server.ids.values()) == 1
        assert journal.message_counts() == {"accepted": 60}
        assert {journal.message(f"a{n}")["tries"] for n in range(60)} == {0}


@pytest.mark.long
def test_a_dead_destination_slows_the_others_by_less_than_a_fifth(tmp_path):
    def seconds_for_a(run, dead):
        folder = tmp_path / f"run{run}-{dead}"
        folder.mkdir()
        with FaultServer() as server, FaultServer(lambda ids: "hang") as hole:
            write_destinations(folder, server, "a", account="a")
            file = folder / "destinations.yml"
            content = yaml.safe_load(file.read_text())
            content["destinations"]["b"] = content["destinations"]["a"] | {
                "url": hole.url("b"),
                "account": "b",
                "timeout_seconds": 2,
            }
            file.write_text(yaml.safe_dump(content))
            configured = DestinationsConfig.load(file, {}, WITH_VENDOR)
            with Journal.open(folder / "j.db") as journal:
                journal.set_simulated_time(NOON)
                batch = messages(3000, "a") + (messages(500, "b") if dead else [])
                journal.hand_over(batch, checked_at=NOON)
                send(journal, configured, now=journal.now)
                assert journal.waiting().get("a") is None
            times = [entry["at"] for entry in server.log]
            return times[-1] - times[0]

    pairs = [(seconds_for_a(run, 0), seconds_for_a(run, 1)) for run in range(3)]
    alone, beside = zip(*pairs, strict=True)
    print(f"alone {min(alone):.2f} s, beside a dead one {min(beside):.2f} s")
    assert min(beside) <= 1.2 * min(alone)
