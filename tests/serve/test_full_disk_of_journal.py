"""The disk under the journal is full: who says no is asked to try again, and then it holds."""

import pytest
from small_disks import small_disk
from visitors import blocks, mail, statements


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "small", "4m") as made:
        yield made


@pytest.fixture
def path(disk):
    return disk.folder / "baton.journal.db"


def one_click(client, token):
    return client.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})


def test_a_no_that_finds_no_room_is_not_answered_as_kept_and_holds_once_there_is_room(
    journal, client, token, disk, path
):
    journal.hand_over([mail()], checked_at=journal.now())
    disk.fill()
    answer = one_click(client, token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert client.get(f"/u/{token}").status_code == 200
    disk.free()
    assert statements(journal) == []
    assert one_click(client, token).status_code == 200
    assert {granted for _, _, granted in statements(journal)} == {False}
    assert blocks(path)
