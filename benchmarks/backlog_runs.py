"""Whole installations over made-up events: a first load, timely batches, a backlog, a repair."""

import csv
import json
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Answer, Claimed, Journal, Verdict
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from benchmarks.backlog_events import GO_LIVE, Events

_BEGINNING = GO_LIVE - timedelta(days=731)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_LOG = "received.jsonl"


@dataclass(frozen=True)
class Edit:
    """One replacement in a file of the copied dbt project; the text must be there once."""

    file: str
    old: str
    new: str

    def undone(self) -> "Edit":
        """Return what puts the text back."""
        return Edit(self.file, self.new, self.old)


def _let_all_speak(policies: Path) -> None:
    """Take out quiet hours, holdouts, slots, caps, limits and conflict groups."""
    for name in ("quiet_hours", "holdouts", "slots", "caps", "limits"):
        file = policies / f"{name}.csv"
        file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    file = policies / "actions.csv"
    with file.open(encoding="utf-8", newline="") as read:
        actions = list(csv.DictReader(read))
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, list(actions[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "conflict_group": ""} for row in actions)


class Shop:
    """A copy of the dbt project, whose files can be changed between runs.

    Nothing competes in it: who wins a slot depends on when one asks, and the question here is
    whether being late alone sends anything.
    """

    def __init__(self, root: Path) -> None:
        found = Project.find()
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(found.dbt_project, root / "dbt_project", ignore=ignored)
        shutil.copy(found.root / "profiles.yml", root)
        _let_all_speak(root / "dbt_project/seeds/policies")
        self.root = root
        self.dbt = DbtProject(self._in(root))
        with (root / "dbt_project/seeds/policies/actions.csv").open(encoding="utf-8") as actions:
            self.destinations = sorted({row["destination"] for row in csv.DictReader(actions)})

    @contextmanager
    def open(self, folder: Path, left_by: Path | None = None) -> Generator["Run"]:
        """Start with empty stores in `folder`, or with a copy of those that another run left."""
        project = self._in(folder)
        project.landing.mkdir(parents=True)
        if left_by is not None:
            for store in (project.warehouse, project.journal_file):
                shutil.copy(left_by / store.name, folder)
        (folder / _LOG).touch()
        with Journal.open(project.journal) as journal:
            yield Run(folder, self, MicroBatch(project, self.dbt), journal)

    def edit(self, edit: Edit) -> None:
        """Change a file; it is for runs that begin, or are told so, after it."""
        file = self.root / "dbt_project" / edit.file
        text = file.read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            raise ValueError(f"{edit.file} has not once the text to replace: {edit.old!r}")
        file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        self.dbt = DbtProject(self._in(self.root))

    def batches_in(self, folder: Path) -> MicroBatch:
        """What runs batches over the stores in `folder`, by the files as they are now."""
        return MicroBatch(self._in(folder), self.dbt)

    def _in(self, folder: Path) -> Project:
        return Project(
            self.root, folder / "baton.duckdb", folder / "baton.journal.db", folder / "landing"
        )


class Run:
    """An installation at work, its batches, and the log of all that receivers were given."""

    def __init__(self, folder: Path, shop: Shop, batches: MicroBatch, journal: Journal) -> None:
        self.log = folder / _LOG
        self.done: list[Batch] = []
        self._folder = folder
        self._shop = shop
        self._batches = batches
        self._journal = journal

    @property
    def warehouse(self) -> Path:
        """The warehouse file."""
        return self._batches.project.warehouse

    @property
    def rows_loaded(self) -> int:
        """How many rows the windows took in."""
        return sum(one.window.counts.rows_loaded for one in self.done)

    def activate(self, at: datetime, reason: str) -> None:
        """Make the rules of the files live from `at` on; batches go by them from now on."""
        self._batches = self._shop.batches_in(self._folder)
        self._journal.set_simulated_time(at)
        releases.compile_and_activate(
            self._batches.project, self._journal, by="bench", approved_by=None, reason=reason
        )

    def first_load(self, events: Events) -> None:
        """Load all that happened before `GO_LIVE` in one batch, with a release just activated."""
        self.activate(GO_LIVE, "first release")
        events.land(self._batches.project.landing, _BEGINNING, GO_LIVE)
        self.batch(GO_LIVE)

    def timely(self, events: Events, times: Iterable[datetime]) -> None:
        """Run a batch at each of the times, over what has happened before it."""
        since = GO_LIVE
        for at in times:
            events.land(self._batches.project.landing, since, at)
            self.batch(at)
            since = at

    def backlog(self, events: Events, limit: int) -> None:
        """Work off in slices all that happened from `GO_LIVE` on, beginning when it is over.

        A slice takes a minute. The files are of an hour each, web events in two series.
        """
        at = GO_LIVE
        while at < events.size.until:
            events.land(self._batches.project.landing, at, at + _HOUR, shards=2)
            at += _HOUR
        while not self.done or self.done[-1].window.watermark < self.done[-1].window.batch_time:
            self.batch(at, limit)
            at += _MINUTE

    def batch(self, at: datetime, limit: int | None = None) -> None:
        """Run a batch at `at`, then send all that may go."""
        self._journal.set_simulated_time(at)
        self.done.append(self._batches.run(self._journal, now=at, limit=limit))
        with self.log.open("a", encoding="utf-8") as log, self._journal.working() as worker:
            for destination in self._shop.destinations:
                while claimed := self._journal.claim(destination, 1000, at, worker):
                    lines = ({"message_id": one.message_id, "sent_at": str(at)} for one in claimed)
                    log.writelines(json.dumps(line) + "\n" for line in lines)
                    self._journal.record([_accepted(one, at) for one in claimed], at)


def _accepted(one: Claimed, at: datetime) -> Answer:
    return Answer(one.attempt_id, "200", (Verdict(one.message_id, "accepted"),), at, at)
