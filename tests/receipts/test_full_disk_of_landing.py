"""The disk under the landing folder is full: the journal knows, and the provider reports again."""

import pytest
from landed import told
from providers import report, text
from small_disks import SmallDisk, small_disk


@pytest.fixture
def landing(tmp_path):
    with small_disk(tmp_path / "landing", "256k") as made:
        yield made.folder


@pytest.fixture
def disk(landing):
    return SmallDisk(landing)


def test_a_report_that_cannot_be_landed_blocks_at_once_and_is_landed_when_it_comes_again(
    receiving, accept, disk
):
    _journal, landing, calls, blocks = receiving
    accept(text(destination="gateway"))
    disk.fill()
    full = calls.gateway(report("stopped"))
    assert full.status_code == 503
    assert full.headers["retry-after"] == "5"
    assert full.json()["error"]["message"].startswith("the disk of the landing folder is full")
    assert blocks() == [("sms", "stop", None)]
    assert told(landing) == []
    disk.free()
    assert calls.gateway(report("stopped")).status_code == 200
    assert blocks() == [("sms", "stop", None)]
    assert [status for *_, status in told(landing)] == ["stopped"]
