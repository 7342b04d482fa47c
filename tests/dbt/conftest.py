"""The repository's dbt project over a small warehouse, parsed and built once."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_shop import build

from baton.dbt_runner import DbtProject
from baton.project import Project

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """A copy of the project, and the warehouse that three batches built with it."""

    project: Project
    dbt: DbtProject


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The project as the working tree has it, with no warehouse yet; dbt finds its place."""
    root = tmp_path_factory.mktemp("shop")
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(REPOSITORY / "dbt_project", root / "dbt_project", ignore=ignored)
    shutil.copy(REPOSITORY / "profiles.yml", root)
    project = Project(root, root / "shop.duckdb", root / "shop.journal.db", root / "landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BATON_WAREHOUSE", str(project.warehouse))
        yield Built(project, DbtProject(project))


@pytest.fixture(scope="session")
def built(parsed: Built) -> Built:
    """The same with its warehouse."""
    build(parsed.project, parsed.dbt)
    return parsed
