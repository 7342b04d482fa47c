"""Scenario files are read strictly: what is wrong is said with file, line and mend."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from baton.cards import read_project
from baton.errors import CheckFailed, UsageError
from baton.journeys.scenarios import read_scenarios
from baton.journeys.scenarios.files import SCENARIOS

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
GOOD = """\
journey: quote_stalled
scenarios:
  - name: a_quote_is_reminded_of
    loads:
      - at: 2026-03-02 10:00
        signals:
          - {signal: quote_started, who: anna, key: q1, happened: 2026-03-02 09:00}
        guards:
          - {guard: high_value, who: anna, since: 2026-03-02 09:00, until: 2026-03-05 00:00}
        zones: {anna: Europe/Berlin}
      - at: 2026-03-03 10:00
        decided:
          - {who: anna, step: reminded, outcome: suppress}
        people: {phone: anna}
    path:
      - {who: anna, key: q1, steps: [waiting, {step: reminded, do: email_quote_reminder}]}
    gone: [{who: phone, key: q1, change: merged_into}]
"""

FAULTS = [
    ("journey: quote_stalled", "journey: quote_staled", 1, "did you mean `quote_stalled`?"),
    ("name: a_quote_is_reminded_of", "name: A quote", 3, "`name` is not a name"),
    ("    loads:\n", "    lods:\n", 4, "did you mean `loads`?"),
    ("at: 2026-03-02 10:00", "at: 2026-03-02", 5, "`at` is no time"),
    ("at: 2026-03-02 10:00", "at: 2026-03-02 10:00Z", 5, "date and time in UTC"),
    ("at: 2026-03-02 10:00", "at: yesterday", 5, "`at` is no time"),
    ("at: 2026-03-02 10:00", "at: 2026-03-04 10:00", 11, "`at` is before the load above it"),
    ("signal: quote_started", "signal: quote_start", 7, "did you mean `quote_started`?"),
    ("signal: quote_started", "signal: case_opened", 7, "`key` is none that the signal has"),
    ("who: anna, key: q1, happened", "who: anna, key: 1, happened", 7, "put it in quotes"),
    ("who: anna, key: q1, happened", "key: q1, happened", 7, "`signals` 1 has no `who`"),
    ("happened: 2026-03-02 09:00", "happened: 2026-03-02 11:00", 7, "`happened` is after the load"),
    ("guard: high_value", "guard: high", 9, "`guard` names no guard"),
    ("until: 2026-03-05 00:00", "until: 2026-03-01 00:00", 9, "`until` is before `since`"),
    ("zones: {anna: Europe/Berlin}", "zones: {anna: Berlin}", 10, "`Europe/Berlin`"),
    ("zones: {anna: Europe/Berlin}", "zones: {ana: Europe/Berlin}", 10, "did you mean `anna`?"),
    ("outcome: suppress", "outcome: supress", 13, "did you mean `suppress`?"),
    ("step: reminded, outcome", "step: remind, outcome", 13, "did you mean `reminded`?"),
    ("steps: [waiting,", "steps: [wait,", 16, "did you mean `waiting`?"),
    ("do: email_quote_reminder", "do: email", 16, "names no action"),
    ("steps: [waiting, {step: reminded, do: email_quote_reminder}]", "steps: []", 16, "is empty"),
    ("- {who: anna, key: q1, steps", "- {who: ann, key: q1, steps", 16, "in no load"),
    ("change: merged_into", "change: merged", 17, "did you mean `merged_into`?"),
    ("    gone: [", "    loads: [", 17, "`loads` is given twice"),
    ("    path:\n", "    path: {\n", 16, "not valid YAML"),
]


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading") / "dbt_project"
    shutil.copytree(DBT_PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    shutil.rmtree(folder / SCENARIOS)
    (folder / SCENARIOS).mkdir()
    return read_project(folder)


def read(cards, text, *journeys):
    (cards.folder / SCENARIOS / "quote_stalled.yml").write_text(text, encoding="utf-8")
    return read_scenarios(cards, journeys)


def refused(cards, text):
    with pytest.raises(CheckFailed) as error:
        read(cards, text)
    return error.value.what


def test_a_good_file_is_read_with_the_lines_of_its_scenarios(cards):
    (file,) = read(cards, GOOD)
    assert (file.journey, file.lines) == ("quote_stalled", (3,))
    assert [one.name for one in file.scenarios] == ["a_quote_is_reminded_of"]


@pytest.mark.parametrize(("good", "bad", "line", "said"), FAULTS, ids=[one[1] for one in FAULTS])
def test_a_fault_is_named_with_line_and_mend(cards, good, bad, line, said):
    assert good in GOOD
    message = refused(cards, GOOD.replace(good, bad, 1))
    assert f"scenarios/quote_stalled.yml:{line}  " in message
    assert said in message


def test_all_faults_are_named_at_once(cards):
    bad = GOOD.replace("signal: quote_started", "signal: nope").replace(
        "guard: high_value", "guard: nope"
    )
    assert refused(cards, bad).count("mend: ") == 2


def test_two_scenarios_may_not_have_the_same_name(cards):
    again = GOOD + GOOD.split("scenarios:\n")[1]
    assert "two scenarios are called" in refused(cards, again)


def test_an_empty_file_says_how_to_begin(cards):
    assert "start with `journey: <name>`" in refused(cards, "# nothing yet\n")


def test_a_card_with_faults_is_named_instead_of_guessed_at(cards):
    broken = [
        replace(one, checked=replace(one.checked, card=None))
        if one.path.stem == "quote_stalled"
        else one
        for one in cards.cards
    ]
    assert "has faults of its own" in refused(replace(cards, cards=tuple(broken)), GOOD)


def test_a_journey_without_scenarios_is_wrong_usage(cards):
    with pytest.raises(UsageError, match="no scenario for win_back"):
        read(cards, GOOD, "win_back")
