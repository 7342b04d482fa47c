"""The process that is killed: for each slice land files, run a micro-batch, send.

`python -m crash.worker ROOT MINUTES...` prints `<slice> <phase>` as each phase begins. Started
again, it goes on with the slice at which the journal's clock stands.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from end_to_end.records import after
from end_to_end.slices import arrive, slice_folder

from activation import DestinationsConfig, send
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

Tell = Callable[[int, str], None]


def work(
    batches: MicroBatch,
    slices: Path,
    minutes: Sequence[int],
    environment: Mapping[str, str],
    tell: Tell = lambda _, __: None,
) -> None:
    """Work through the slices that the journal's clock has not passed."""
    project = batches.project
    with Journal.open(project.journal) as journal:
        reached = journal.now()
        for number, minute in enumerate(minutes):
            if (at := after(minute)) < reached:
                continue
            journal.set_simulated_time(at)
            tell(number, "landing")
            arrive(slice_folder(slices, number), project.landing)
            batches.run(journal, now=at, progress=lambda phase, n=number: tell(n, phase))
            tell(number, "sending")
            send(journal, DestinationsConfig.load(environ=environment), now=journal.now)
            tell(number, "resting")


def _main(root: Path, minutes: Sequence[int]) -> None:
    project = Project(root, root / "baton.duckdb", root / "baton.journal.db", root / "landing")
    work(MicroBatch(project), root / "slices", minutes, os.environ, _print)


def _print(number: int, phase: str) -> None:
    print(number, phase, flush=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), [int(minute) for minute in sys.argv[2:]])
