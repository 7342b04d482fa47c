"""Policies as tables: what dbt makes of a seed, also where an earlier one stands."""

from pathlib import Path

import duckdb
import pytest
from conftest import Built
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

_POLICY = "seeds/policies/release_policy.csv"
_OF_BEFORE = """
create schema policies;
create table policies.release_policy (
    measure varchar, unit varchar, approval_above double, refused_above integer,
    second_person boolean
)
"""


def test_every_word_of_a_second_person_is_a_word_whatever_the_table_was_before(
    parsed: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, file = tmp_path / parsed.project.warehouse.name, tmp_path / _POLICY
    monkeypatch.setenv("BATON_WAREHOUSE", str(warehouse))
    node = parsed.dbt.manifest.nodes["seed.baton.release_policy"]
    monkeypatch.setattr(node, "root_path", str(tmp_path))
    with duckdb.connect(str(warehouse)) as con:
        con.execute(_OF_BEFORE)
    file.parent.mkdir(parents=True)
    shipped = (parsed.project.dbt_project / _POLICY).read_text("utf-8")
    for text, words in (
        (shipped, {"true", "false"}),
        (shipped.replace(",true", ",by_name"), {"by_name", "false"}),
    ):
        file.write_text(text, "utf-8")
        assert _seeded(parsed, warehouse) == words


def _seeded(parsed: Built, warehouse: Path) -> set[object]:
    """Run `dbt seed` for the policy; return the words that its table has."""
    project = parsed.project
    folders = ["--project-dir", str(project.dbt_project), "--profiles-dir", str(project.root)]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    said = dbtRunner(manifest=parsed.dbt.manifest).invoke(
        ["seed", "--select", "release_policy", *folders, *quiet, "--threads", "1"]
    )
    DuckDBConnectionManager.close_all_connections()
    assert said.success, said.exception or [one.message for one in said.result.results]
    with duckdb.connect(str(warehouse)) as con:
        rows = con.execute("select second_person from policies.release_policy").fetchall()
    return {word for (word,) in rows}
