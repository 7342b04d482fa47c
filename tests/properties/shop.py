"""A whole installation that can be started again and again: landing, warehouse, journal."""

import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from project_copies import copy_project
from reference import Card, read_card

from baton import releases
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project

from .arrivals import Arrival
from .histories import GO_LIVE
from .landing import Landing
from .scenes import dice
from .sending import Sender

_REPOSITORY = Path(__file__).parents[2]
_CARDS = Path("models", "journeys", "cards")
_MORE_CARDS = Path(__file__).with_name("cards")
BASES = Path(__file__).with_name("consent_basis.csv")
_UNBOUND = Path(__file__).with_name("identity_rules.csv")


@dataclass
class Run:
    """One history on its way through the warehouse."""

    journal: Journal
    landing: Landing


class Shop:
    """The repository's dbt project with more cards, parsed once, in a folder of its own.

    What consent rests on differs there by country, and who is seen together is one person without
    bounds (those have a reference and histories of their own: tests/identity). Every run starts
    from a copy of one that has built all models over nothing at `GO_LIVE`.
    """

    def __init__(self, folder: Path) -> None:
        copy_project(folder)
        for card in _MORE_CARDS.glob("*.sql"):
            shutil.copy(card, folder / "dbt_project" / _CARDS)
        for policy in (BASES, _UNBOUND):
            shutil.copy(policy, folder / "dbt_project" / "seeds" / "policies")
        self._stores = folder / "stores"
        self._fresh = folder / "fresh"
        self.project = Project(
            folder,
            self._stores / "shop.duckdb",
            self._stores / "journal.db",
            self._stores / "landing",
        )
        self.batches = MicroBatch(self.project)
        self._go_live()

    def relation(self, model: str) -> str:
        """Return schema and table of a model."""
        return self.batches.dbt.relation(model)

    @contextmanager
    def open(self, shuffle: int | None = None) -> Generator[Run]:
        """Start anew from `GO_LIVE`; `shuffle` is the seed of the order inside files, if any."""
        shutil.rmtree(self._stores)
        shutil.copytree(self._fresh, self._stores)
        with Journal.open(self.project.journal) as journal:
            mixed = None if shuffle is None else dice(f"files {shuffle}")
            yield Run(journal, Landing(self.project.landing, mixed))

    def batch(
        self, run: Run, at: datetime, arrivals: Iterable[Arrival] = (), *, is_whole: bool = False
    ) -> Batch:
        """Land what arrives and run one batch at `at`."""
        run.journal.set_simulated_time(at)
        run.landing.land(arrivals)
        return self.batches.run(run.journal, now=at, full_refresh=is_whole)

    def play(
        self,
        run: Run,
        arrivals: Sequence[Arrival],
        batch_times: Sequence[datetime],
        send: Sender | None = None,
    ) -> None:
        """Run all batches, each with what has arrived since the one before; `send` in between."""
        before = GO_LIVE - timedelta(days=3650)
        for number, at in enumerate(batch_times):
            if send and number > 0:
                send(run.journal, before)
            self.batch(run, at, [one for one in arrivals if before < one.arrives_at <= at])
            before = at

    def _go_live(self) -> None:
        self.project.landing.mkdir(parents=True)
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(GO_LIVE)
            releases.compile_and_activate(
                self.project, journal, by="test", approved_by=None, reason="first release"
            )
            self.batches.run(journal, now=GO_LIVE)
        shutil.copytree(self._stores, self._fresh)


def cards_of_the_tests() -> list[Card]:
    """The cards of the repository and of this folder, as the reference reads them."""
    folders = (_REPOSITORY / "dbt_project" / _CARDS, _MORE_CARDS)
    models = sorted(model for folder in folders for model in folder.glob("*.sql"))
    return [read_card(model.read_text(encoding="utf-8")) for model in models]
