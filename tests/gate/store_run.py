"""A retailer's last hours in ordinary micro-batches, with a sender to whom every tool says yes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from project_copies import copy_project

from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Answer, Journal, Verdict
from baton.micro_batch import MicroBatch
from baton.project import Project
from examples.retail.generate import generate

GO_LIVE = datetime(2017, 12, 29, 12)
SIGNED = {"by": "ada@example.com", "approved_by": None, "reason": "test"}
_STORES = ("shop.duckdb", "shop.journal.db", "shop.journal.db-wal")


@dataclass(frozen=True)
class Edit:
    """One replacement in a file of the dbt project; the text must be there."""

    file: str
    old: str
    new: str


class StoreRun:
    """A copy of the repository's dbt project with stores in a folder of its own."""

    def __init__(self, root: Path, data: Path, dbt: DbtProject | None = None) -> None:
        self.root = root
        self.data = data
        stores = root / "stores"
        self.project = Project(
            root, stores / "shop.duckdb", stores / "shop.journal.db", stores / "landing"
        )
        self.dbt = dbt or DbtProject(self.project)
        self._batches: MicroBatch | None = None

    @classmethod
    def fresh(cls, root: Path, data: Path) -> "StoreRun":
        """Write the project, and generate what arrives into `data`."""
        generate(data, go_live=GO_LIVE)
        write_project(root)
        run = cls(root, data)
        run.project.landing.mkdir(parents=True)
        return run

    @property
    def closes(self) -> list[datetime]:
        """When each slice of what arrives ends."""
        slices = json.loads((self.data / "slices.json").read_text())
        return [datetime.fromisoformat(one["closes_at"]) for one in slices]

    @property
    def batches(self) -> MicroBatch:
        """The batches over the project as it stands."""
        if self._batches is None:
            self._batches = MicroBatch(self.project, self.dbt)
        return self._batches

    def edit(self, edit: Edit, dbt: DbtProject | None = None) -> None:
        """Change a file; what runs next is another process, which has read the project anew."""
        apply(edit, self.project.dbt_project)
        self.dbt = dbt or DbtProject(self.project)
        self._batches = None

    def activate(self, at: datetime) -> str:
        """Make the working tree live at `at`."""
        with self._journal(at) as journal:
            facts = releases.compile_and_activate(self.project, journal, **SIGNED)
        return facts["release_id"]

    def land(self, *names: str) -> None:
        """Let `history` or slices arrive."""
        for name in names:
            folder = self.data / ("history" if name == "history" else f"live/{name}")
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                target = self.project.landing / file.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)

    def batch(self, name: str, at: datetime) -> None:
        """Let `history` or a slice arrive, run a batch, and send what it decided."""
        self.land(name)
        with self._journal(at) as journal:
            self.batches.run(journal, now=at)
            accept_all(journal, at)

    def slices(self, first: int, last: int) -> None:
        """Run the batches of slices `first` to `last`, counted from 1."""
        for number in range(first, last + 1):
            self.batch(f"{number:02d}", self.closes[number - 1])

    def forked(self, root: Path) -> "StoreRun":
        """Return another run that stands where this one stands now, with a project of its own."""
        write_project(root)
        run = StoreRun(root, self.data)
        run.project.landing.parent.mkdir(parents=True)
        for name in _STORES:
            if (self.root / "stores" / name).exists():
                shutil.copy(self.root / "stores" / name, root / "stores")
        shutil.copytree(self.project.landing, run.project.landing)
        return run

    @contextmanager
    def _journal(self, at: datetime) -> Iterator[Journal]:
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(at)
            yield journal


def write_project(root: Path) -> None:
    """Copy the repository's dbt project into `root`, with what dbt has read of it, if anything."""
    copy_project(root)


def apply(edit: Edit, dbt_project: Path) -> None:
    """Make the replacement."""
    file = dbt_project / edit.file
    text = file.read_text(encoding="utf-8")
    assert edit.old in text, f"{edit.file} has no {edit.old!r}"
    file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def accept_all(journal: Journal, at: datetime) -> int:
    """Claim whatever may be claimed at `at`, by every rule, and record it as accepted."""
    count = 0
    with journal.working() as worker:
        for destination in sorted(journal.due(at, 10_000)):
            while claimed := journal.claim(destination, 500, at, worker):
                answers = [
                    Answer(
                        attempt,
                        "answered",
                        tuple(
                            Verdict(one.message_id, "accepted")
                            for one in claimed
                            if one.attempt_id == attempt
                        ),
                        sent_at=at,
                        answered_at=at,
                    )
                    for attempt in sorted({one.attempt_id for one in claimed})
                ]
                journal.record(answers, at)
                count += len(claimed)
    return count
