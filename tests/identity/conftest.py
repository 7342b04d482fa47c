"""The statements of the identity models, recorded once for all tests of this folder."""

import pytest
from project_copies import copy_project

from baton.dbt_runner import DbtProject
from baton.project import Project

from .recorded import Recorded, record


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What dbt says when it builds the identity models of the working tree."""
    root = tmp_path_factory.mktemp("identity")
    copy_project(root)
    project = Project(root, root / "shop.duckdb", root / "journal.db", root)
    return record(DbtProject(project), project.warehouse)
