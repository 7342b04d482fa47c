"""The project's own syncs over a small warehouse, by the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import Built

from activation import DestinationsConfig
from activation.syncs.wiring import declared_syncs
from baton.commands.sync import sync
from baton.journal import Journal

STOPPED = "customer2@example.com"


@pytest.fixture
def drops(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(built.project.root)
    monkeypatch.setenv("BATON_JOURNAL", str(built.project.journal))
    monkeypatch.setenv("BATON_LANDING", str(built.project.landing))
    monkeypatch.setenv("RETAIL_DROP_DIRECTORY", str(tmp_path))
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(sync, arguments)


def test_the_syncs_of_the_project_are_declared_rightly(parsed: Built) -> None:
    config = DestinationsConfig.load(environ={"RETAIL_DROP_DIRECTORY": "/nowhere"})
    syncs, problems = declared_syncs(parsed.project, parsed.dbt, config)
    assert (problems, len(syncs)) == ([], 5)


def test_a_run_writes_the_lists_and_every_row_comes_back_as_an_outcome(
    built: Built, drops: Path
) -> None:
    planned = json.loads(call("plan", "suppressions_for_the_shop", "--json").stdout)
    assert planned["add"] >= 1 and list(drops.iterdir()) == []
    ran = call("run", "--json")
    assert ran.exit_code == 0, ran.output
    reports = {one["sync"]: one for one in json.loads(ran.stdout)["syncs"]}
    assert reports["suppressions_for_the_shop"]["counts"]["told"] == planned["add"]
    assert STOPPED in (drops / "suppression_list.csv").read_text()
    assert STOPPED not in planned.__repr__() + ran.output
    with Journal.open(built.project.journal) as journal:
        rows = [
            key
            for row in journal.feed("sync_outcomes", 0)
            for part in json.loads(str(row["outcomes"]))
            for key in part["row_keys"]
        ]
        assert len(rows) == sum(one["counts"]["told"] for one in reports.values())
        assert STOPPED not in repr(journal.feed("sync_outcomes", 0))
    assert all(
        one["counts"]["told"] == 0 for one in json.loads(call("run", "--json").stdout)["syncs"]
    )


def test_an_unknown_sync_and_an_approval_of_nothing_say_how_to_mend_it(drops: Path) -> None:
    for arguments in (
        ["plan", "nope"],
        ["approve", "lapsed_shoppers_for_the_shop", "--reason", "x"],
    ):
        error = call(*arguments).exception
        assert "mend" in str(error) and getattr(error, "exit_code", None) == 2
