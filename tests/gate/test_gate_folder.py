"""What a plan leaves in its folder: nothing about persons, however it ended."""

import fcntl
import stat
from pathlib import Path

import pytest

from baton.errors import Busy
from baton.gate.copying import again
from baton.gate.folder import one_plan_at_a_time, remove_leftovers, work_folder


def copied(root: Path) -> Path:
    """Leave the copy of a warehouse behind, as a plan that was killed does."""
    warehouse = root / "shop.duckdb"
    warehouse.write_bytes(b"ada@example.com")
    return again(warehouse, work_folder(root) / "now" / "stores")


def test_copies_are_gone_when_a_plan_ends_or_fails_and_before_the_next_begins(
    tmp_path: Path,
) -> None:
    left = copied(tmp_path)
    with one_plan_at_a_time(tmp_path):
        assert not left.exists()
        copied(tmp_path)
    assert not left.exists()
    with pytest.raises(KeyboardInterrupt), one_plan_at_a_time(tmp_path):
        copied(tmp_path)
        raise KeyboardInterrupt
    assert not left.exists()


def test_only_the_owner_can_look_into_the_folder(tmp_path: Path) -> None:
    with one_plan_at_a_time(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_killed_plan_left_is_removed_and_what_a_plan_works_on_is_not(
    tmp_path: Path,
) -> None:
    assert remove_leftovers(tmp_path)
    assert not work_folder(tmp_path).exists()
    left = copied(tmp_path)
    with (work_folder(tmp_path) / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not remove_leftovers(tmp_path)
        assert left.exists()
    assert remove_leftovers(tmp_path)
    assert not left.parent.exists()


def test_a_second_plan_is_told_to_wait(tmp_path: Path) -> None:
    with (
        one_plan_at_a_time(tmp_path),
        pytest.raises(Busy, match="another plan"),
        one_plan_at_a_time(tmp_path),
    ):
        pass
