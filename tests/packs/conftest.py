"""Staging with all packs on, parsed and built once; invented people in a copy of that warehouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from loaded_rows import TABLES
from pack_yard import PACKS, PackYard, build_empty, staging_with

from baton.dbt_runner import DbtProject
from baton.project import Project


@dataclass(frozen=True)
class Staged:
    """A project of staging alone with every pack on, and its warehouse without rows."""

    project: Project
    dbt: DbtProject

    def yard(self, folder: Path) -> PackYard:
        """A warehouse in which no loader has written anything."""
        return PackYard(folder / "yard", self.project, self.dbt)


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    project = staging_with(
        tmp_path_factory.mktemp("packs"),
        PACKS,
        segment_events=["segment.quote_started"],
        event_names={"product_viewed": "product_view"},
    )
    dbt = DbtProject(project)
    build_empty(project, dbt)
    return Staged(project, dbt)


@pytest.fixture(scope="session")
def people(staged: Staged, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackYard]:
    """The warehouse after one window over all that the loaders wrote."""
    made = staged.yard(tmp_path_factory.mktemp("people"))
    for table, rows in TABLES.items():
        made.put(table, rows)
    made.take()
    yield made
    made.close()


@pytest.fixture
def yard(staged: Staged, tmp_path: Path) -> Iterator[PackYard]:
    made = staged.yard(tmp_path)
    yield made
    made.close()
