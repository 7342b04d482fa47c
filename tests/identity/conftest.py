"""The statements of the identity models, recorded once for all tests of this folder."""

import shutil
from pathlib import Path

import pytest

from baton.dbt_runner import DbtProject
from baton.project import Project

from .recorded import Recorded, record

_REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What dbt says when it builds the identity models of the working tree."""
    root = tmp_path_factory.mktemp("identity")
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(_REPOSITORY / "dbt_project", root / "dbt_project", ignore=ignored)
    shutil.copy(_REPOSITORY / "profiles.yml", root)
    project = Project(root, root / "graph.duckdb", root / "journal.db", root)
    return record(DbtProject(project), project.warehouse)
