"""Every scenario of the project passes: events in with their load order, path out."""

from pathlib import Path

import pytest

from baton.cards import read_project
from baton.journeys.scenarios import facts_of, lines_of, read_scenarios, run_scenarios

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
CARDS = read_project(DBT_PROJECT)
FILES = read_scenarios(CARDS)
NAMES = [(one.journey, scenario.name) for one in FILES for scenario in one.scenarios]


@pytest.fixture(scope="module")
def verdicts(project, dbt, tmp_path_factory):
    told = run_scenarios(project, CARDS.cards, FILES, tmp_path_factory.mktemp("all"), dbt=dbt)
    return {(one.journey, one.name): one for one in told}


@pytest.mark.parametrize(("journey", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_scenario_of_the_project_passes(verdicts, journey, name):
    verdict = verdicts[journey, name]
    assert verdict.passed, "\n".join(lines_of([verdict]))


def test_every_card_of_the_project_has_scenarios():
    assert {one.path.stem for one in CARDS.cards} == {one.journey for one in FILES}


def test_programs_get_every_scenario_with_both_paths(verdicts):
    facts = facts_of(list(verdicts.values()))
    assert facts["scenarios"] == len(NAMES)
    assert facts["failed"] == 0
    assert all(
        one["instances"] == [] or one["instances"][0]["happened"] for one in facts["verdicts"]
    )


def test_scenarios_told_apart_from_others_end_as_those_told_together(
    verdicts, project, dbt, tmp_path
):
    alone = [one for one in FILES if one.journey == "quote_stalled"]
    for told in run_scenarios(project, CARDS.cards, alone, tmp_path, dbt=dbt):
        assert told == verdicts[told.journey, told.name]
