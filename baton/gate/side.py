"""One of the two replays, in a process of its own: `python -m baton.gate.side ORDER`.

It reads the project while the other one rewinds, and begins when a line on its standard input says
that its copy of the warehouse lies ready.
"""

import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from baton.errors import BatonError
from baton.gate.effects import write_effects
from baton.gate.replay import Replay
from baton.gate.slices import Slice, Span
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.releases import Release, compile_release, write_release
from baton.warehouse import writer

FIRST_BATCH = "first_batch_seconds"


@dataclass(frozen=True)
class Side:
    """A project's text, a rewound copy of the warehouse, and a folder for what it decides."""

    root: Path
    warehouse: Path
    effects: Path

    @property
    def first_batch_s(self) -> float:
        """How long the first slice took, once it is replayed."""
        return float((self.effects / FIRST_BATCH).read_text(encoding="utf-8"))

    @property
    def project(self) -> Project:
        """The project over the copy; it has no journal, and nothing lands."""
        nowhere = self.warehouse.parent
        return Project(self.root, self.warehouse, nowhere / "no.journal.db", nowhere / "landing")


def replay_side(side: Side, batches: MicroBatch, span: Span, release: Release | None) -> None:
    """Decide the span again and write what came of it; `release` becomes live with its start."""
    with writer(side.warehouse) as con:
        if release is not None:
            write_release(con, release)
        seconds = Replay(con, batches, span, release.release_id if release else None).run()
        write_effects(con, batches.dbt, span.start, side.effects)
    (side.effects / FIRST_BATCH).write_text(str(round(seconds, 1)), encoding="utf-8")


def order_of(side: Side, live: str) -> str:
    """Return what `main` is told first: a side, and the release that is live on it."""
    return json.dumps({name: str(value) for name, value in asdict(side).items()} | {"live": live})


def start_of(span: Span) -> str:
    """Return what `main` is told when the copy lies ready."""
    return json.dumps(asdict(span), default=str)


def main(order: str) -> None:
    """Read the project, wait for the span on standard input, and replay it."""
    told = json.loads(order)
    live = told.pop("live")
    side = Side(**{name: Path(value) for name, value in told.items()})
    batches = MicroBatch(side.project)
    batches.dbt.checksum()
    span = _span(sys.stdin.readline())
    release = compile_release(side.project.dbt_project, now=span.start.batch_time)
    replay_side(side, batches, span, None if release.release_id == live else release)


def _span(line: str) -> Span:
    told = json.loads(line)
    return Span(_slice(told["start"]), tuple(_slice(one) for one in told["slices"]))


def _slice(told: dict[str, str]) -> Slice:
    times = {name: datetime.fromisoformat(told[name]) for name in ("batch_time", "watermark")}
    return Slice(**{**told, **times})  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except BatonError as error:
        sys.exit(str(error))
