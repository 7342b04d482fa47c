"""A project of its own with real stores and real receivers."""

import json
import shutil
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from project_copies import copy_project

from activation import DestinationsConfig, SendReport, send
from baton import releases
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from examples.retail.receivers import Receivers

from .records import GO_LIVE, Customer
from .slices import arrive


@dataclass(frozen=True)
class Edit:
    """One replacement in a file of the copied dbt project; the text must be there."""

    file: str
    old: str
    new: str


class Shop:
    """A copy of the repository's dbt project, parsed once for all installations of it."""

    def __init__(self, root: Path, edits: Sequence[Edit] = ()) -> None:
        copy_project(root, "baton.duckdb")
        for edit in edits:
            _apply(edit, root / "dbt_project")
        self.root = root
        self.dbt = DbtProject(self.project_in(root))

    def project_in(self, folder: Path) -> Project:
        """The project with its stores and landing in `folder`."""
        return Project(
            self.root, folder / "baton.duckdb", folder / "baton.journal.db", folder / "landing"
        )

    @contextmanager
    def open(self, folder: Path, customers: Iterable[Customer]) -> Generator["Installation"]:
        """Start with empty stores and the working tree's rules live from `GO_LIVE` on."""
        project = self.project_in(folder)
        project.landing.mkdir(parents=True)
        write_mailboxes(folder, customers)
        with Journal.open(project.journal) as journal:
            go_live(project, journal)
        with self.reopen(folder) as installation:
            yield installation

    @contextmanager
    def reopen(self, folder: Path) -> Generator["Installation"]:
        """Go on with the stores in `folder`, with receivers of its own."""
        project = self.project_in(folder)
        batches = MicroBatch(project, self.dbt)
        mailboxes = folder / "mailboxes.json"
        with (
            Journal.open(project.journal) as journal,
            Receivers(folder / "received", mailboxes) as receivers,
        ):
            yield Installation(folder, batches, journal, receivers)


@dataclass(frozen=True)
class Installation:
    """Stores, journal and receivers that work together."""

    folder: Path
    batches: MicroBatch
    journal: Journal
    receivers: Receivers

    @property
    def project(self) -> Project:
        """Where things are."""
        return self.batches.project

    def land(self, files: Path) -> None:
        """Let the files of a slice arrive."""
        arrive(files, self.project.landing)

    def batch(self, at: datetime, *, is_proof: bool = False) -> Batch:
        """Run one micro-batch at `at`, by plan and by dbt when it is a proof."""
        self.journal.set_simulated_time(at)
        return self.batches.run(self.journal, now=at, is_proof=is_proof)

    def take_in(self, at: datetime) -> None:
        """Do what a batch does first, and no more: the window stays open."""
        self.journal.set_simulated_time(at)
        self.batches.open_window(self.journal, now=at)

    def send(self, **changed: str) -> SendReport:
        """Send what may go now; `changed` replaces environment variables."""
        config = DestinationsConfig.load(environ={**self.receivers.environment, **changed})
        return send(self.journal, config, now=self.journal.now)

    def copy_stores(self, folder: Path) -> None:
        """Copy stores, landing and mailboxes as they are now; nobody may be writing."""
        folder.mkdir()
        for name in ("baton.duckdb", "baton.journal.db", "baton.journal.db-wal", "mailboxes.json"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, folder)
        shutil.copytree(self.project.landing, folder / "landing")

    def environment(self) -> Mapping[str, str]:
        """The variables by which the command finds stores and receivers."""
        project = self.project
        return {
            "BATON_WAREHOUSE": str(project.warehouse),
            "BATON_JOURNAL": str(project.journal),
            "BATON_LANDING": str(project.landing),
            **self.receivers.environment,
        }


def go_live(project: Project, journal: Journal) -> None:
    """Make the rules of the working tree live at `GO_LIVE`."""
    journal.set_simulated_time(GO_LIVE)
    releases.compile_and_activate(
        project, journal, by="test", approved_by="test", reason="first release"
    )


def write_mailboxes(folder: Path, customers: Iterable[Customer]) -> None:
    """Write what the mail server does with each customer's mailbox."""
    rules: dict[str, list[str]] = {"reject": [], "defer_once": [], "accept": []}
    for customer in customers:
        rules[customer.mailbox].append(customer.email)
    (folder / "mailboxes.json").write_text(json.dumps(rules), encoding="utf-8")


def _apply(edit: Edit, dbt_project: Path) -> None:
    file = dbt_project / edit.file
    text = file.read_text(encoding="utf-8")
    if edit.old not in text:
        raise AssertionError(f"{edit.file} no longer has the text to replace: {edit.old!r}")
    file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
