"""The unit tests of the models, and the data tests over a small built warehouse."""

import pytest
from conftest import Built
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PASSED = {"pass", "success"}


def outcomes(built: Built, select: str) -> dict[str, str]:
    """Run the selected dbt tests; return each test's name with `pass` or what was wrong."""
    project = built.project
    folders = ["--project-dir", str(project.dbt_project), "--profiles-dir", str(project.root)]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    result = dbtRunner(manifest=built.dbt.manifest).invoke(
        ["test", "--select", select, *folders, *quiet, "--no-write-json", "--threads", "1"]
    )
    DuckDBConnectionManager.close_all_connections()
    assert result.exception is None, result.exception
    return {
        one.node.name: "pass" if str(one.status) in PASSED else f"{one.status}: {one.message}"
        for one in result.result.results
    }


def failures(found: dict[str, str]) -> str:
    return "\n".join(f"{name}: {what}" for name, what in found.items() if what != "pass")


@pytest.mark.timeout(900)
def test_every_unit_test_of_a_model_passes(built: Built) -> None:
    found = outcomes(built, "test_type:unit")
    assert len(found) == len(built.dbt.manifest.unit_tests)
    assert failures(found) == ""


def test_every_data_test_passes_over_a_small_warehouse(built: Built) -> None:
    found = outcomes(built, "test_type:data")
    assert "unique_decisions_evaluation_id" in found
    assert failures(found) == ""
