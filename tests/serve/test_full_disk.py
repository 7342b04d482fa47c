"""A full disk under a collector in a process of its own: what is answered is what is kept."""

import base64
import json
import resource

import httpx
import pytest
from service import Service
from small_disks import small_disk

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
KEY = "a-write-key-of-the-site"
BASIC = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}


class NoWrites:
    """A limit of the kernel under which the collector can add to no file."""

    def __init__(self, service):
        self._pid = service.process.pid

    def fill(self):
        self._set(0)

    def free(self):
        self._set(resource.RLIM_INFINITY)

    def _set(self, soft):
        limits = (soft, resource.RLIM_INFINITY)
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "landing" / "web"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def full_soon(folder):
    with small_disk(folder, "256k") as disk:
        yield disk


def sent(service, number):
    """Send one event; return how it was answered."""
    event = {"messageId": f"m{number}", "userId": "u", "event": "x", "properties": {"x": "y" * 999}}
    return httpx.post(f"{service.url}/v1/track", json=event, headers=BASIC, timeout=30)


def kept(folder):
    """The ids on disk; every line is whole."""
    files = sorted(folder.glob("events-*.jsonl"))
    return [
        json.loads(line)["event_id"]
        for file in files
        for line in file.read_bytes().split(b"\n")[:-1]
    ]


def what_is_answered_is_kept(disk_of, folder, path):
    landing = str(folder.parent)
    answered = []
    with Service(path, BATON_LANDING=landing, BATON_WRITE_KEYS=f"site:{KEY}") as service:
        disk = disk_of(service)
        for number in range(20):
            assert sent(service, number).status_code == 200
            answered.append(f"m{number}")
        disk.fill()
        refused = []
        for number in range(20, 40):
            answer = sent(service, number)
            if answer.status_code == 200:  # the last block of the segment had room
                answered.append(f"m{number}")
                continue
            refused.append(number)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["message"].startswith("the disk takes nothing")
        assert len(refused) >= 10
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        failures = f"baton_collector_write_failures_total {len(refused)}"
        assert failures in httpx.get(f"{service.url}/metrics").text.splitlines()
        assert kept(folder) == answered
        disk.free()
        for number in (*refused, 40):
            assert sent(service, number).status_code == 200
            answered.append(f"m{number}")
        assert kept(folder) == answered


def test_on_a_full_file_system_nothing_answered_is_lost_and_nothing_refused_is_kept(
    full_soon, folder, path
):
    what_is_answered_is_kept(lambda _service: full_soon, folder, path)


def test_where_no_file_may_grow_nothing_answered_is_lost_and_nothing_refused_is_kept(folder, path):
    what_is_answered_is_kept(NoWrites, folder, path)
