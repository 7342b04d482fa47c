"""All processes at work, each killed in turn: nothing is lost, doubled or unaccounted for."""

import json
import os
import shutil
import signal
import sys
import time

import duckdb
import pytest

from benchmarks import supervising
from benchmarks.soak import measure, schedule
from benchmarks.soak_proofs import judge, slopes
from benchmarks.supervising import Kill

ROLES = {"collector", "runner", "sender", "receiver"}


def test_a_seed_says_which_process_is_killed_when() -> None:
    assert schedule(7, 120, 8) == schedule(7, 120, 8) != schedule(8, 120, 8)
    for first in (0, 4):
        assert {role for _, role in schedule(7, 120, 8)[first : first + 4]} == ROLES
    times = [at for at, _ in schedule(7, 120, 8)]
    assert times == sorted(times)
    assert 15 <= times[0] < times[-1] <= 105


def test_growth_is_told_by_the_minute() -> None:
    samples = [{"at": 60.0 * n, "grows_mb": 10 + 2.0 * n, "flat_mb": 7.0} for n in range(20)]
    assert slopes(samples) == {"grows_mb_per_minute": 2.0, "flat_mb_per_minute": 0.0}


def test_a_process_that_does_not_end_when_asked_is_killed_and_shows_it(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(supervising, "_LONGEST_END", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    one = supervising.Kept(
        "deaf", [sys.executable, "-c", f"{deaf}time.sleep(60)"], tmp_path, os.environ
    )
    one.start()
    until = time.monotonic() + 30
    while not one.said.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    assert one.stop() == -signal.SIGKILL


@pytest.fixture(scope="module")
def soaked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("soak")
    return measure(folder, rate=50, seconds=60, history=5_000, kills=4, seed=11)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_minute_with_each_process_killed_loses_and_doubles_nothing(soaked) -> None:
    figures, _, _ = soaked
    print(figures)
    assert {one["role"] for one in figures["kills"]} == ROLES
    assert figures["failures"] == []
    assert figures["acknowledged"] == 3_000
    assert figures["used"] + figures["quarantined"] == 3_000
    assert min(figures["quarantined"], figures["messages"]) > 0, "of the rest chance decides"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("loss", ["call", "told", "told_twice"])
def test_what_is_lost_or_doubled_after_all_is_found(soaked, tmp_path, loss) -> None:
    _, shop, load = soaked
    folder = shutil.copytree(
        shop.folder, tmp_path / "kept", ignore=shutil.ignore_patterns("dbt_project")
    )
    damage(folder, loss)
    kept = type(shop)(folder, shop.customers)
    figures = judge(kept, load, [Kill(0.0, "runner")], folder / "runner.out")
    named = {"call": "not_in_one_place", "told": "lost", "told_twice": "duplicates"}[loss]
    assert figures[named] > 0
    assert any(str(figures[named]) in one for one in figures["failures"])


def damage(folder, loss) -> None:
    log = folder / "desk.jsonl"
    lines = log.read_text().splitlines()
    if loss == "call":
        with duckdb.connect(str(folder / "baton.duckdb")) as con:
            con.execute("delete from raw.web_events where event_id = 'live-3'")
    elif loss == "told":
        quote = json.loads(lines[0])["quote_id"]
        lines = [one for one in lines if json.loads(one)["quote_id"] != quote]
    else:
        lines.append(json.dumps(json.loads(lines[0]) | {"id": "another", "is_known": False}))
    log.write_text("".join(f"{one}\n" for one in lines))
