"""A full disk under a collector in a process of its own: what is answered is what is kept."""

import base64
import json
import resource
import subprocess

import httpx
import pytest
from service import Service

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
KEY = "a-write-key-of-the-site"
BASIC = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
_ROOM = 256 * 1024


class SmallDisk:
    """A file system of 256 KiB in memory; `fill` and `free` work by a file that takes all room."""

    def __init__(self, folder):
        self._ballast = folder / "_ballast"

    def fill(self, _service):
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self, _service):
        self._ballast.unlink()


class NoWrites:
    """A limit of the kernel under which the collector can add to no file."""

    def fill(self, service):
        self._set(service, 0)

    def free(self, service):
        self._set(service, resource.RLIM_INFINITY)

    @staticmethod
    def _set(service, soft):
        limits = (soft, resource.RLIM_INFINITY)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "landing" / "web"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def small_disk(folder):
    command = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("no file system in memory can be mounted by this user")
    yield SmallDisk(folder)
    subprocess.run(["umount", str(folder)], check=True)


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


def what_is_answered_is_kept(disk, folder, path):
    landing = str(folder.parent)
    answered = []
    with Service(path, BATON_LANDING=landing, BATON_WRITE_KEYS=f"site:{KEY}") as service:
        for number in range(20):
            assert sent(service, number).status_code == 200
            answered.append(f"m{number}")
        disk.fill(service)
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
        disk.free(service)
        for number in (*refused, 40):
            assert sent(service, number).status_code == 200
            answered.append(f"m{number}")
        assert kept(folder) == answered


def test_on_a_full_file_system_nothing_answered_is_lost_and_nothing_refused_is_kept(
    small_disk, folder, path
):
    what_is_answered_is_kept(small_disk, folder, path)


def test_where_no_file_may_grow_nothing_answered_is_lost_and_nothing_refused_is_kept(folder, path):
    what_is_answered_is_kept(NoWrites(), folder, path)
