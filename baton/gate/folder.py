"""Where plans work: below the project, readable for its owner alone, without copies afterwards."""

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from baton.erasing.places import COPIES
from baton.errors import Busy

FOLDER = ".baton.gate"


def work_folder(root: Path) -> Path:
    """Where plans work: kept, so that what dbt and SQLMesh have read need not be read again."""
    return root / FOLDER


@contextmanager
def one_plan_at_a_time(root: Path) -> Generator[Path]:
    """Have the folder alone; copies of the warehouse are in it neither before nor afterwards.

    Raises `Busy` while another plan has it.
    """
    folder = work_folder(root)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                "another plan is being made", where=folder.name, mend="wait for it to end"
            ) from error
        _remove(root)
        try:
            yield folder
        finally:
            _remove(root)


def remove_leftovers(root: Path) -> bool:
    """Remove what a plan that was killed has left; says whether nothing is there any more.

    The copies of a plan that is being made stay.
    """
    if not any(True for pattern in COPIES for _ in root.glob(pattern)):
        return True
    try:
        with one_plan_at_a_time(root):
            return True
    except Busy:
        return False


def _remove(root: Path) -> None:
    for pattern in COPIES:
        for copied in root.glob(pattern):
            shutil.rmtree(copied)
