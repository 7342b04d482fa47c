"""`baton journey`: words for people, facts for programs, exit codes, mends."""

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from baton.cli import main


@pytest.fixture
def baton(lived, monkeypatch):
    """Call the command in the project that has a warehouse, or in one at other places."""
    monkeypatch.chdir(lived.root)

    def call(*arguments, warehouse=lived.warehouse, journal=lived.journal):
        places = {"BATON_WAREHOUSE": str(warehouse), "BATON_JOURNAL": str(journal)}
        return CliRunner().invoke(main, ["journey", *arguments], env=places)

    return call


@pytest.fixture
def new_place(tmp_path):
    """Where there is neither a warehouse nor a journal."""
    return {"warehouse": tmp_path / "none.duckdb", "journal": tmp_path / "none.db"}


@pytest.fixture
def changed_card(card, tmp_path):
    """A copy of the live card with a longer wait."""
    path = tmp_path / "changed.sql"
    path.write_text(card({"2 hours, do": "3 hours, do"}).card_text, encoding="utf-8")
    return path


def test_the_list_compares_the_tree_with_what_is_live_and_counts_who_is_in(baton):
    facts = json.loads(baton("list", "--json").stdout)
    listed = {one["journey"]: one for one in facts["journeys"]}
    assert (listed["quote_stalled"]["open"], listed["quote_stalled"]["ended"]) == (21, 20)
    assert listed["quote_stalled"]["card"] == "changed"
    assert listed["win_back"]["card"] == "new"
    assert facts["not_read"] is None


def test_without_a_warehouse_the_list_names_the_cards_and_what_is_missing(baton, new_place):
    shown = baton("list", **new_place)
    assert shown.exit_code == 0
    assert "quote_stalled  " in shown.stdout
    assert "not read: no release is live" in shown.stdout


def test_a_card_is_shown_in_words_with_counts(baton):
    shown = baton("show", "quote_stalled", "--live").stdout
    assert "21 under way, 20 ended, as of 2026-03-04 10:00:00 UTC" in shown
    assert "reminded  (20 here now, 40 came here)" in shown
    assert "→ reminded  after 2 hours unless open_case  do email_quote_reminder" in shown


def test_a_card_is_drawn_into_a_file(baton, new_place, tmp_path):
    shown = baton("show", "quote_stalled", "--html", str(tmp_path / "card.html"), **new_place)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "there is no warehouse yet" in (tmp_path / "card.html").read_text(encoding="utf-8")


def test_a_card_is_printed_as_mermaid_or_as_facts(baton, new_place):
    assert baton("show", "win_back", "--mermaid", **new_place).stdout.startswith("flowchart TD\n")
    facts = json.loads(baton("show", "win_back", "--json", **new_place).stdout)
    assert facts["card"]["journey"] == "win_back"
    assert facts["not_read"] == "there is no warehouse yet"
    assert {place["reached"] for place in facts["places"]} == {None}


@pytest.mark.parametrize("command", [["show"], ["test"]])
def test_an_unknown_journey_is_wrong_usage(baton, new_place, command):
    refused = baton(*command, "quote_stale", **new_place)
    assert refused.exit_code == 2
    assert "mend:" in refused.stderr


def test_a_card_that_is_not_live_cannot_be_shown_as_live(baton, new_place):
    refused = baton("show", "win_back", "--live", **new_place)
    assert refused.exit_code == 2
    assert "no card of win_back is live" in refused.stderr


@pytest.fixture
def two_scenarios(lived):
    """Let one journey have two scenarios, the second of which is wrong."""
    path = lived.dbt_project / "models/journeys/scenarios/delivery_recovery.yml"
    kept = path.read_text(encoding="utf-8")
    path.write_text(
        """
journey: delivery_recovery
scenarios:
  - name: recovers
    loads: [{at: 2026-03-02 10:00, signals: [{signal: message_failed, who: anna, key: m1}]}]
    path: [{who: anna, key: m1, steps: [recovering]}]
  - name: does_nothing
    loads: [{at: 2026-03-02 10:00, signals: [{signal: message_failed, who: anna, key: m1}]}]
    path: []
""",
        encoding="utf-8",
    )
    yield
    path.write_text(kept, encoding="utf-8")


@pytest.mark.usefixtures("two_scenarios")
def test_scenarios_run_and_a_failure_is_exit_code_1(baton):
    shown = baton("test", "delivery_recovery")
    assert shown.exit_code == 1
    assert "ok      delivery_recovery  recovers" in shown.stdout
    assert "FAILED  delivery_recovery  does_nothing" in shown.stdout
    assert "2 scenarios, 1 failed" in shown.stdout


def test_a_changed_card_is_simulated_against_the_live_one(baton, changed_card):
    span = ("--from", "2026-03-02", "--to", "2026-03-04")
    shown = baton("simulate", "quote_stalled", *span, "--card", str(changed_card))
    assert shown.exit_code == 0, shown.stderr
    assert "20 people would get another action" in shown.stdout
    assert "nothing is live, the warehouse is untouched" in shown.stdout


@dataclass(frozen=True)
class Unfit:
    """A card that is no changed card of the journey; without text it is the one that is live."""

    name: str
    text: str | None
    code: int
    words: str


@pytest.mark.parametrize(
    "case",
    [
        Unfit("win_back", None, 2, "write `journey: win_back`"),
        Unfit("quote_stalled", "{% call journey() %}\njourney: x\n{% endcall %}", 1, "mend:"),
        Unfit("quote_stalled", "no card", 1, "mend:"),
    ],
    ids=["of_another_journey", "with_faults", "no_card"],
)
def test_a_card_that_cannot_be_simulated_is_refused(baton, changed_card, case):
    if case.text is not None:
        changed_card.write_text(case.text, encoding="utf-8")
    span = ("--from", "2026-03-02", "--to", "2026-03-04")
    refused = baton("simulate", case.name, *span, "--card", str(changed_card))
    assert refused.exit_code == case.code
    assert case.words in refused.stderr


def test_a_time_that_is_none_is_wrong_usage(baton):
    assert (
        baton("simulate", "quote_stalled", "--from", "today", "--to", "2026-03-04").exit_code == 2
    )
