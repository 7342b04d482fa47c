"""Two customers whose quotes stall, after three batches: dbt has said the same twice."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from baton.micro_batch import Batch

from .harness import Installation, Shop
from .records import Customer, after, consent, quote_started
from .slices import slice_folder, write_slices

ANN, BEN = Customer("ann_of_the_plan"), Customer("ben_of_the_plan")
CLOSES = (0, 60, 65, 130, 135, 140, 145)
_LEARNED = (0, 60, 65)
_ARRIVALS = (
    *(arrival for who in (ANN, BEN) for arrival in who.base()),
    quote_started(ANN, at=5),
    quote_started(BEN, at=62),
    consent(BEN, "email", False, at=132),
)


@dataclass(frozen=True)
class Learned:
    """Stores after the three batches, and what these said."""

    folder: Path
    batches: list[Batch]

    @contextmanager
    def reopen(self, shop: Shop, folder: Path) -> Generator[Installation]:
        """Go on from there as another process does, with copies of the stores in `folder`."""
        shutil.copytree(self.folder, folder)
        with shop.reopen(folder) as installation:
            yield installation


def learn(shop: Shop, folder: Path) -> Learned:
    """Run the three batches in `folder`."""
    with shop.open(folder / "two", (ANN, BEN)) as opened:
        write_slices(opened.folder / "slices", _ARRIVALS, [after(minute) for minute in CLOSES])
        batches = run(opened, *_LEARNED)
        opened.copy_stores(folder / "stores")
    shutil.copytree(folder / "two" / "slices", folder / "stores" / "slices")
    return Learned(folder / "stores", batches)


def land(installation: Installation, minute: int) -> None:
    """Let what arrives until `minute` land."""
    installation.land(slice_folder(installation.folder / "slices", CLOSES.index(minute)))


def run(installation: Installation, *minutes: int, is_proof: bool = False) -> list[Batch]:
    """Let what arrived by these minutes land, and run their batches."""
    batches: list[Batch] = []
    for minute in minutes:
        land(installation, minute)
        batches.append(installation.batch(after(minute), is_proof=is_proof))
    return batches
