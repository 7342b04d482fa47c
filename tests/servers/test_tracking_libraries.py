"""The tracking libraries as they are, against the collector: each call arrives exactly once."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from between import Between

SDKS = Path(__file__).parent / "sdks"
BATON = Path(sys.executable).with_name("baton")
KEY = "a-write-key-of-the-site"
LINK_KEY = "a-key-of-the-tests-long-enough-to-be-one"
CALLS = ["identify", "track", "page", "screen", "group", "alias"]
pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]


@pytest.fixture
def collector(tmp_path):
    """`baton serve` as a process of its own, behind a proxy that can fail; and its landing."""
    landing = tmp_path / "landing"
    environment = {
        "PATH": os.environ["PATH"],
        "BATON_JOURNAL": str(tmp_path / "baton.journal.db"),
        "BATON_LANDING": str(landing),
        "BATON_LINK_KEY": LINK_KEY,
        "BATON_WRITE_KEYS": f"site:{KEY}",
    }
    landing.mkdir()
    with subprocess.Popen(
        [BATON, "serve", "--port", "0", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            told = "".join(iter(process.stdout.readline, "}\n")) + "}"
            with Between(json.loads(told)["listening"]) as between:
                yield between, landing
        finally:
            process.terminate()


@pytest.fixture(params=["segment_python.py", "rudder_python.py"])
def python_library(request, installed):
    """A library in the environment of the servers."""
    return [installed.home / "bin" / "python", SDKS / request.param], {}


@pytest.fixture(params=["segment_node.cjs", "rudder_node.cjs"])
def node_library(request, installed):
    """A library in Node; skips where there is none, or npm could not install it."""
    modules = installed.home / "sdks" / "node_modules"
    if shutil.which("node") is None or not modules.is_dir():
        pytest.skip("no libraries for Node: `make servers` installs them where node and npm are")
    return ["node", SDKS / request.param], {"NODE_PATH": str(modules)}


def run(library, between):
    """Let a library make its calls; it has to end well."""
    command, environment = library
    done = subprocess.run(
        [*command, between.url, KEY],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def landed(landing):
    """The lines that the collector has kept."""
    files = sorted(landing.glob("web/events-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def arrives_whatever_happens(library, collector):
    between, landing = collector
    run(library, between)
    first = landed(landing)
    assert [row["call"] for row in first] == CALLS
    by_call = {row["call"]: row for row in first}
    assert by_call["track"]["event"] == "quote_started"
    assert by_call["track"]["properties"] == {"quote_id": "q1", "value": 700.5}
    assert by_call["identify"]["email"] == "ann@mail.example"
    assert by_call["group"]["group_id"] == "g1"
    assert by_call["alias"]["previous_id"] == "a1"
    assert {row["user_id"] for row in first} == {"u1"}
    assert all(row["occurred_at"] for row in first)

    between.refuse("POST", "/v1/batch")
    between.lose("POST", "/v1/batch")
    run(library, between)
    assert between.count("POST", "/v1/batch", 503) == 1
    assert between.count("POST", "/v1/batch", 200) >= 3, "one was answered, and not heard"
    ids = Counter(row["event_id"] for row in landed(landing))
    assert len(ids) == 2 * len(CALLS)
    assert set(ids.values()) == {1}


def test_libraries_for_python_arrive_once_through_refusals_and_broken_connections(
    python_library, collector
):
    arrives_whatever_happens(python_library, collector)


def test_libraries_for_node_arrive_once_through_refusals_and_broken_connections(
    node_library, collector
):
    arrives_whatever_happens(node_library, collector)
