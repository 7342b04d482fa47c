"""A copy of the warehouse for the plan to work on: production is read once, for a moment."""

import shutil
from pathlib import Path

from baton.warehouse import reader


def copy_warehouse(warehouse: Path, folder: Path) -> Path:
    """Copy the file into `folder` under its own name, which its views know; return the copy.

    A continuous run makes room for as long as the copying takes, as for any reader. Raises `Busy`
    while a batch runs, `BatonError` when there is no warehouse.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / warehouse.name
    for old in folder.glob(f"{warehouse.name}*"):
        old.unlink()
    with reader(warehouse):
        for one in (warehouse, _wal(warehouse)):
            if one.exists():
                shutil.copyfile(one, folder / one.name)
    return copy


def again(copy: Path, folder: Path) -> Path:
    """Copy a copy that nobody has open into another folder; return the second."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob(f"{copy.name}*"):
        old.unlink()
    for one in (copy, _wal(copy)):
        if one.exists():
            shutil.copyfile(one, folder / one.name)
    return folder / copy.name


def _wal(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")
