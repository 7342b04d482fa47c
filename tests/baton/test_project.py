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


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://baton@db.example/baton", "sqlite:///shop.journal.db"]
)
def test_a_journal_named_by_a_url_stays_a_url_and_is_no_file_to_remove(root, url):
    project = Project.find(root, {"BATON_JOURNAL": url})
    assert project.journal == url
    with pytest.raises(UsageError, match="unset BATON_JOURNAL"):
        _ = project.journal_file


def test_a_journal_named_by_a_path_is_a_file(root, tmp_path):
    project = Project.find(root, {"BATON_JOURNAL": str(tmp_path / "j.db")})
    assert project.journal == project.journal_file == tmp_path / "j.db"
