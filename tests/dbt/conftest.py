"""The repository's dbt project over a small warehouse, parsed and built once."""

from dataclasses import dataclass

import pytest
from project_copies import copy_project
from small_shop import build

from baton.dbt_runner import DbtProject
from baton.project import Project


@dataclass(frozen=True)
class Built:
    """A copy of the project, and the warehouse that three batches built with it."""

    project: Project
    dbt: DbtProject


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The project as the working tree has it, with no warehouse yet."""
    root = tmp_path_factory.mktemp("shop")
    copy_project(root)
    project = Project(root, root / "shop.duckdb", root / "shop.journal.db", root / "landing")
    return Built(project, DbtProject(project))


@pytest.fixture(autouse=True)
def warehouse_of_dbt(parsed: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dbt find the warehouse, for the time of a test: others share the process."""
    monkeypatch.setenv("BATON_WAREHOUSE", str(parsed.project.warehouse))


@pytest.fixture(scope="session")
def built(parsed: Built) -> Built:
    """The same with its warehouse."""
    build(parsed.project, parsed.dbt)
    return parsed
