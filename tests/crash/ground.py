"""Stores to start from, and the same stores once more."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from end_to_end.harness import Shop, go_live, write_mailboxes
from end_to_end.records import after
from end_to_end.slices import write_slices
from end_to_end.stories import arrivals, customers

from baton.journal import Journal

_STORES = ("baton.duckdb*", "baton.journal.db*", "landing", "slices", "received", "*.json")


def lay_out(shop: Shop, folder: Path, minutes: Sequence[int]) -> None:
    """Make new stores with a live release, and slices that close at `minutes`."""
    project = shop.project_in(folder)
    project.landing.mkdir(parents=True)
    write_mailboxes(folder, customers())
    write_slices(folder / "slices", arrivals(), [after(minute) for minute in minutes])
    with Journal.open(project.journal) as journal:
        go_live(project, journal)


def copy(source: Path, target: Path) -> None:
    """Copy stores, landing and slices; what `target` had of them is gone."""
    target.mkdir(exist_ok=True)
    _clear(target)
    for pattern in _STORES:
        for path in source.glob(pattern):
            if path.is_dir():
                shutil.copytree(path, target / path.name)
            else:
                shutil.copy2(path, target)


def _clear(folder: Path) -> None:
    for pattern in _STORES:
        for path in folder.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
