"""Senders killed with kill -9 at random moments, judged by the receiver's own log.

Three destinations at once: N (the receiver drops a key that it knows), U (what is set again is the
same) and X under at most once. Each guard taken away must show in the count that it keeps at zero.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from faults import FaultServer
from loopback import NOON, text

from baton.journal import Journal

HERE = Path(__file__).parent
PER_ROUND = 8
TIMES = 8
IN_FLIGHT = 0.7  # of the kills come once the receiver has got something, the others at any time
CLASSES = ("N", "U", "X")


@dataclass
class Counts:
    kills: int = 0
    in_doubt: int = 0
    sent_again: int = 0
    lost: int = 0
    duplicates_n: int = 0
    duplicates_u: int = 0
    duplicates_x: int = 0
    unlisted: int = 0


class Field:
    """A journal, a receiver, and senders that are killed."""

    def __init__(self, folder, server, seed, guard):
        self.folder, self.server = folder, server
        self.draw = random.Random(seed)  # noqa: S311
        server.delay = lambda: self.draw.uniform(0, 0.03)
        self.target = folder / "baton.journal.db"
        self._write_config()
        self.journal = Journal.open(self.target, grace=timedelta(0))
        self.journal.set_simulated_time(NOON)
        self.handed = defaultdict(set)
        command = [sys.executable, HERE / "one_sender.py", folder, self.target, guard]
        paths = {"PYTHONPATH": f"{HERE}:{HERE.parents[1]}"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.starter = subprocess.Popen(command, env=os.environ | paths, **pipes)

    def _write_config(self):
        destinations = {
            name: {
                "type": "vendor",
                "url": self.server.url(name),
                "retry_class": name,
                "batch": 4 if name == "U" else 1,
                "limit": {"rate": 5000, "per_seconds": 1, "concurrency": 5, "more": []},
            }
            for name in CLASSES
        }
        content = {"templates": str(self.folder), "destinations": destinations}
        (self.folder / "destinations.yml").write_text(yaml.safe_dump(content))

    def close(self):
        self.starter.stdin.close()
        self.starter.wait(30)
        self.journal.close()

    def hand_over(self, round_):
        batch = []
        for name in CLASSES:
            for number in range(PER_ROUND):
                id_, key = f"{name}{round_}-{number}", round_ * PER_ROUND + number
                address = f"+1555{CLASSES.index(name)}{key:07}"
                own = {"node_id": f"n{id_}", "person_id": f"p{id_}", "candidate_id": f"c{id_}"}
                same = {"destination": name, "template": None, "address": address}
                batch.append(text(1, message_id=id_, **own, **same))
                self.handed[name].add(id_)
        self.journal.hand_over(batch, checked_at=NOON)

    def start(self):
        self.starter.stdin.write("go\n")
        self.starter.stdin.flush()
        return int(self.starter.stdout.readline())

    def ended(self):
        return int(self.starter.stdout.readline())

    def kill_one(self):
        """Whether a sender was killed before it had come to its end."""
        received = len(self.server.log)
        group = self.start()
        if self.draw.random() < IN_FLIGHT:
            self._wait_for_more_than(received)
            time.sleep(self.draw.uniform(0, 0.1))
        else:
            time.sleep(self.draw.uniform(0, 0.3))
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        return self.ended() == -signal.SIGKILL

    def _wait_for_more_than(self, received):
        deadline = time.monotonic() + 5
        while len(self.server.log) == received and time.monotonic() < deadline:
            time.sleep(0.001)

    def counts(self, kills):
        received = {name: Counter() for name in CLASSES}
        keys = {name: defaultdict(set) for name in CLASSES}
        for entry in self.server.log:
            received[entry["name"]].update(entry["ids"])
            for id_, key in zip(entry["ids"], entry["keys"], strict=True):
                keys[entry["name"]][id_].add(key)
        states = {id_: self.journal.message(id_) for ids in self.handed.values() for id_ in ids}
        orphaned = {
            id_
            for id_ in self.handed["X"]
            if any(one["status"] == "orphaned" for one in self.journal.attempts(id_))
        }
        unknown = {id_ for id_, row in states.items() if row["state"] == "unknown"}
        got = {id_ for counter in received.values() for id_ in counter}
        return Counts(
            kills=kills,
            in_doubt=len(orphaned),
            sent_again=sum(n > 1 for name in "NU" for n in received[name].values()),
            lost=len(set(states) - got - unknown),
            duplicates_n=sum(len(own) > 1 for own in keys["N"].values()),
            duplicates_u=sum(len(own) > 1 for own in keys["U"].values()),
            duplicates_x=sum(n > 1 for n in received["X"].values()),
            unlisted=len(orphaned - unknown) + len(unknown - orphaned),
        )


def killed(tmp_path, kills, seed, guard="none", until=()):
    """What came of so many kills, after one sender that was let alone.

    Some times as many where the counts named in `until` are not all there: chance has to meet the
    moment in which a guard that is gone would have mattered.
    """
    with FaultServer() as server:
        field = Field(tmp_path, server, seed, guard)
        try:
            done = round_ = 0
            for wanted in range(kills, TIMES * kills + 1, kills):
                while done < wanted:
                    field.hand_over(round_)
                    round_ += 1
                    done += field.kill_one()
                field.start()
                assert field.ended() == 0
                counts = field.counts(done)
                if all(getattr(counts, name) for name in until):
                    break
            return counts
        finally:
            field.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_killed_senders_lose_nothing_send_nothing_twice_and_list_what_is_in_doubt(tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    counts = killed(tmp_path, 150, seed)
    print(counts)
    assert counts.kills >= 150
    assert counts.in_doubt > 0
    assert counts.sent_again > 0
    assert (counts.lost, counts.unlisted) == (0, 0)
    assert (counts.duplicates_n, counts.duplicates_u, counts.duplicates_x) == (0, 0, 0)


@pytest.mark.long
@pytest.mark.parametrize(
    ("guard", "broken"),
    [
        ("class_rule", ["duplicates_x", "unlisted"]),
        ("claims_are_in_doubt", ["lost", "unlisted"]),
        ("same_key", ["duplicates_n", "duplicates_u"]),
    ],
)
def test_a_guard_taken_away_shows_in_what_it_keeps_at_zero(tmp_path, guard, broken):
    counts = killed(tmp_path, 25, 7, guard, until=broken)
    assert {name for name in broken if getattr(counts, name) == 0} == set()
