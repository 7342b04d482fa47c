"""A whole installation that can be started again and again: landing, warehouse, journal."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from baton import releases
from baton.intake import prepare, sources_from_manifest
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.warehouse import writer
from reference import Card, read_card

from .landing import Landing
from .plots import Arrival
from .sending import send

_REPOSITORY = Path(__file__).parents[2]
_CARDS = Path("models", "journeys", "cards")


@dataclass
class Run:
    """One history on its way through the warehouse."""

    journal: Journal
    landing: Landing


class Shop:
    """The repository's dbt project with some more cards, parsed once, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(_REPOSITORY / "dbt_project", folder / "dbt_project", ignore=ignored)
        shutil.copy(_REPOSITORY / "profiles.yml", folder)
        for card in Path(__file__).with_name("cards").glob("*.sql"):
            shutil.copy(card, folder / "dbt_project" / _CARDS)
        stores = folder / "stores"
        self.project = Project(
            folder, stores / "shop.duckdb", stores / "journal.db", stores / "landing"
        )
        self.batches = MicroBatch(self.project)

    @property
    def cards(self) -> list[Card]:
        """The cards of the project, as the reference reads them."""
        models = sorted((self.project.dbt_project / _CARDS).glob("*.sql"))
        return [read_card(model.read_text(encoding="utf-8")) for model in models]

    def relation(self, model: str) -> str:
        """Return schema and table of a model."""
        return self.batches.dbt.relation(model)

    @contextmanager
    def open(self, at: datetime, shuffle: int = 0) -> Iterator[Run]:
        """Start anew, with nothing but a release that is live from `at`."""
        shutil.rmtree(self.project.warehouse.parent, ignore_errors=True)
        self.project.landing.mkdir(parents=True)
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(at)
            self._release(journal, at)
            yield Run(journal, Landing(self.project.landing, Random(shuffle)))

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
        *,
        is_sending: bool,
    ) -> None:
        """Run all batches, each with what has arrived since the one before."""
        before = datetime.min
        for at in batch_times:
            self.batch(run, at, [one for one in arrivals if before < one.arrives_at <= at])
            if is_sending:
                send(run.journal, at)
            before = at

    def _release(self, journal: Journal, at: datetime) -> None:
        release = releases.compile_release(self.project.dbt_project, now=at)
        with writer(self.project.warehouse) as con:
            prepare(con, sources_from_manifest(self.batches.dbt.source_nodes))
            releases.write_release(con, release)
        releases.activate(
            journal,
            release.release_id,
            active_from=at,
            by="test",
            approved_by=None,
            reason="first release",
        )
