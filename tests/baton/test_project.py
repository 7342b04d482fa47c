"""Where things are."""

import pytest

from baton.errors import UsageError
from baton.project import Project


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "shop"
    (folder / "dbt_project" / "models").mkdir(parents=True)
    (folder / "dbt_project" / "dbt_project.yml").touch()
    return folder


def test_the_project_is_found_from_a_folder_below_it(root):
    assert Project.find(root / "dbt_project" / "models", {}).root == root


def test_stores_lie_in_the_root_unless_the_environment_says_otherwise(root, tmp_path):
    elsewhere = Project.find(root, {"BATON_WAREHOUSE": str(tmp_path / "w.duckdb")})
    assert Project.find(root, {}).warehouse == root / "baton.duckdb"
    assert elsewhere.warehouse == tmp_path / "w.duckdb"
    assert elsewhere.journal == root / "baton.journal.db"


def test_a_folder_without_a_project_is_refused_with_the_mend(tmp_path):
    with pytest.raises(UsageError, match="no Baton project here") as refused:
        Project.find(tmp_path, {})
    assert "dbt_project/" in refused.value.mend
