import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from landing_yard import NOON, Yard, event

_SCRIPT = Path(__file__).with_name("crashing_take_in.py")


def land(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1), "{", event(2), event(1)])
    yard.text("crm/contacts.csv", "contact_id,email,stopped\nc1,a@x,true\n")
    yard.jsonl("service/cases.jsonl", [{"case_id": "k1", "status": "open"}])


def tables(yard: Yard) -> dict[str, list[tuple[object, ...]]]:
    names = [name for (name,) in yard.ask("select table_name from duckdb_tables() order by all")]
    return {name: yard.ask(f"select * from raw.{name} order by all") for name in names}


def crash(folder: Path, moment: str) -> None:
    done = subprocess.run([sys.executable, str(_SCRIPT), str(folder), moment], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path / "undisturbed")
    yield yard
    yard.con.close()


def landed(folder: Path, like: Yard) -> None:
    """Land the same files, with the same times, as in `like`."""
    yard = Yard(folder)
    land(yard)
    yard.con.close()
    for file in yard.landing.rglob("*.*"):
        stat = (like.landing / file.relative_to(yard.landing)).stat()
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_killed_before_the_commit_the_next_call_loads_the_same(
    tmp_path: Path, undisturbed: Yard
) -> None:
    land(undisturbed)
    undisturbed.open()
    folder = tmp_path / "disturbed"
    landed(folder, undisturbed)
    crash(folder, "before the commit")
    crash(folder, "before the commit")
    again = Yard(folder)
    assert again.one("select count(*) from raw.windows") == 0
    window = again.open()
    assert not window.is_redo
    assert tables(again) == tables(undisturbed)
    again.con.close()


def test_killed_after_it_the_next_call_finds_the_open_window(
    tmp_path: Path, undisturbed: Yard
) -> None:
    land(undisturbed)
    undisturbed.open()
    folder = tmp_path / "disturbed"
    landed(folder, undisturbed)
    crash(folder, "after it")
    again = Yard(folder)
    window = again.open(NOON + timedelta(hours=5))
    assert (window.is_redo, window.batch_time) == (True, NOON)
    assert tables(again) == tables(undisturbed)
    again.con.close()


@pytest.mark.long
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    folder = tmp_path / "disturbed"
    yard = Yard(folder)
    yard.jsonl("web/events.jsonl", [event(number) for number in range(20_000)])
    yard.con.close()
    for milliseconds in (200, 500, 800, 1100):
        process = subprocess.Popen([sys.executable, str(_SCRIPT), str(folder), "after it"])
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
    again = Yard(folder)
    window = again.take()
    assert window.to_seq == 20_000
    assert again.one(
        "select count(*) = 20000 and count(distinct event_id) = 20000 and max(_loaded_seq) = 20000 "
        "from raw.web_events"
    )
    again.con.close()
