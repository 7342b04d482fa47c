"""A disk that is full under `baton run`: one clear message, nothing lost, nothing twice."""

import json
import random
import shutil

import pytest
from small_disks import small_disk

from baton.warehouse import reader

from .commands import start
from .records import after

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
_EVENTS = 20_000
_SPARE = 512 * 1024


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "small", "1m") as made:
        yield made


def land_many(installation):
    """Let a file of page views arrive that needs more room than is left."""
    chance = random.Random(1)  # noqa: S311
    rows = [
        {"event_id": f"view-{n}", "event": "page_view", "anonymous_id": f"visitor {n % 997}",
         "properties": {"path": chance.randbytes(150).hex()}, "occurred_at": after(131).isoformat()}
        for n in range(_EVENTS)
    ]  # fmt: skip
    file = installation.project.landing / "web" / "events.many.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_full_disk_rolls_the_batch_back_and_the_next_one_has_everything_once(knowing, disk):
    size = knowing.project.warehouse.stat().st_size
    disk.resize(f"{size + _SPARE}")
    warehouse = shutil.copy(knowing.project.warehouse, disk.folder)
    environment = {**knowing.environment(), "BATON_WAREHOUSE": warehouse}
    knowing.journal.set_simulated_time(after(135))
    land_many(knowing)

    full = start(knowing.project.root, environment, "run")
    _, told = full.communicate(timeout=120)
    assert full.returncode == 1
    assert "the disk is full" in told
    assert "mend:" in told
    assert "Traceback" not in told

    disk.resize(f"{size * 20}")
    again = start(knowing.project.root, environment, "run", "--json")
    _, told = again.communicate(timeout=120)
    assert again.returncode == 0, told
    with reader(disk.folder / "baton.duckdb") as con:
        views = "select count(*), count(distinct event_id) from raw.web_events"
        found = con.execute(f"{views} where event = 'page_view'").fetchall()
    assert found == [(_EVENTS, _EVENTS)]
