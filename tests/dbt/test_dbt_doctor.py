"""`baton doctor`, `baton review` and the checks of governance over a small warehouse."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner, Result
from conftest import Built

from baton.commands.doctor import doctor
from baton.commands.review import review
from baton.dbt_runner import DbtProject
from baton.doctor import QUESTIONS, answer_lines, examine
from baton.doctor.answers import Ground
from baton.errors import UsageError
from baton.journal import Journal
from baton.project import Project
from dagster_defs.defs.governance.checks import governance
from dagster_defs.resources import BatonResource

NOON = "timestamp '2026-03-02 12:00'"
STATES = {"ok", "attention", "missing"}


@pytest.fixture
def called(built: Built, monkeypatch: pytest.MonkeyPatch) -> Built:
    """The shop as commands and jobs find it."""
    monkeypatch.chdir(built.project.root)
    monkeypatch.setenv("BATON_WAREHOUSE", str(built.project.warehouse))
    monkeypatch.setenv("BATON_JOURNAL", str(built.project.journal))
    monkeypatch.setattr(DbtProject, "manifest", built.dbt.manifest)
    return built


def answers_of(result: Result) -> dict[str, dict[str, Any]]:
    return {one["number"]: one for one in json.loads(result.output)["answers"]}


def test_every_question_is_answered_from_data_and_what_is_not_well_has_a_mend(
    called: Built,
) -> None:
    result = CliRunner().invoke(doctor, ["--json"])
    found = answers_of(result)
    assert list(found) == [one.number for one in QUESTIONS]
    assert result.exit_code == 1
    assert {one["state"] for one in found.values()} == STATES
    for one in found.values():
        assert one["answer"], one["number"]
        assert one["where"], one["number"]
        assert (one["mend"] is None) == (one["state"] == "ok"), one["number"]
    assert found["1"]["answer"].startswith("in the warehouse: 7 persons of ")
    assert found["13"]["state"] == "missing"
    assert found["G2"]["answer"] == "things without an owner or a trusted source: none"


@pytest.fixture
def stopping(built: Built, tmp_path: Path) -> Iterator[Ground]:
    """The shop's stores, in a copy: one message that a journey sent is claimed at noon."""
    shutil.copy(built.project.warehouse, tmp_path)
    with (
        duckdb.connect(str(tmp_path / built.project.warehouse.name)) as con,
        Journal.open(tmp_path / "journal.db") as journal,
    ):
        con.execute("delete from raw.journal_switches")
        con.execute("delete from raw.journal_message_events")
        con.execute(
            "insert into raw.journal_message_events by name select 1 as seq, o.message_id, "
            "o.entry_node_id as node_id, o.journey, o.action, o.channel, 'mail' as destination, "
            f"'claimed' as state, {NOON} as occurred_at "
            f"from {built.dbt.relation('outbox')} as o limit 1"
        )
        yield Ground(con, journal, built.dbt)


def claimed_under_stops(ground: Ground) -> str:
    (question,) = (one for one in QUESTIONS if one.number == "9")
    said = question.ask(ground)
    assert (said.state == "attention") == ("; 0 messages" not in said.answer)
    return said.answer.split("; ")[1]


@pytest.mark.parametrize(
    ("scope", "of_message"),
    [
        ("global", "null"),
        ("journey", "e.journey"),
        ("action", "e.action"),
        ("channel", "e.channel"),
        ("destination", "e.destination"),
        ("brand", "(select brand from {outbox} as o where o.message_id = e.message_id)"),
        ("person", "(select person_id from {identity_map} as m where m.node_id = e.node_id)"),
    ],
)
def test_a_message_claimed_under_a_stop_is_counted_also_when_that_was_lifted_since(
    stopping: Ground, scope: str, of_message: str
) -> None:
    relations = {one: stopping.dbt.relation(one) for one in ("outbox", "identity_map")}
    value = of_message.format_map(relations)

    def switched(seq: int, hours: int, *, is_stopped: bool) -> None:
        stopping.con.execute(
            f"insert into raw.journal_switches by name select {seq} as seq, '{scope}' as scope, "
            f"{value} as value, {is_stopped} as is_stopped, "
            f"{NOON} + interval ({hours}) hour as set_at "
            "from raw.journal_message_events as e"
        )

    switched(1, -3, is_stopped=True)
    switched(2, -2, is_stopped=False)
    switched(3, 1, is_stopped=True)
    assert claimed_under_stops(stopping) == "0 messages claimed under one"
    stopping.con.execute("delete from raw.journal_switches")
    switched(1, -1, is_stopped=True)
    assert claimed_under_stops(stopping) == "1 messages claimed under one"
    switched(2, 1, is_stopped=False)
    assert claimed_under_stops(stopping) == "1 messages claimed under one"


def test_people_read_question_answer_place_and_mend_in_short_lines(called: Built) -> None:
    answers = examine(called.project, called.dbt)
    lines = list(answer_lines(answers, 100))
    assert max(map(len, lines)) <= 100
    assert (
        lines[0] == "  1  ok        Where does identity resolution happen, and how is it governed?"
    )
    assert sum(line.strip().startswith("mend: ") for line in lines) == sum(
        one.mend is not None for one in answers
    )


def test_a_fresh_project_is_told_what_to_do_and_no_warehouse_is_made(
    parsed: Built, tmp_path: Path
) -> None:
    fresh = Project(tmp_path, tmp_path / "w.duckdb", tmp_path / "j.db", tmp_path / "landing")
    answers = examine(fresh, parsed.dbt)
    assert {one.state for one in answers} == {"missing"}
    assert {one.mend for one in answers} == {"run `baton demo` or `baton run` first"}
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_without_the_tables_lacks_answers_and_nothing_breaks(
    parsed: Built, tmp_path: Path
) -> None:
    empty = tmp_path / "w.duckdb"
    duckdb.connect(str(empty)).close()
    fresh = Project(tmp_path, empty, tmp_path / "j.db", tmp_path / "landing")
    assert {one.state for one in examine(fresh, parsed.dbt)} == {"missing"}


def test_a_review_is_recorded_for_what_is_live_alone(called: Built) -> None:
    listed = CliRunner().invoke(review, ["--all", "--json"])
    names = {(one["kind"], one["name"]) for one in json.loads(listed.output)["reviews"]}
    assert {("journey", "quote_stalled"), ("policy", "caps"), ("field", "email")} <= names
    done = CliRunner().invoke(review, ["quote_stalled", "--by", "ann", "--note", "fine", "--json"])
    assert json.loads(done.output)["reviewed_by"] == "ann"
    with Journal.open(called.project.journal) as journal:
        assert journal.reviews.all()[-1].name == "quote_stalled"
    wrong = CliRunner().invoke(review, ["quote_staled", "--by", "ann"])
    assert isinstance(wrong.exception, UsageError)
    assert wrong.exception.mend == "did you mean `quote_stalled`?"
    nobody = CliRunner().invoke(review, ["quote_stalled"])
    assert isinstance(nobody.exception, UsageError)


def test_dagster_warns_of_what_governance_finds_with_samples(called: Built) -> None:
    result = dg.materialize(
        [governance],
        resources={"baton": BatonResource(root=str(called.project.root))},
        selection=dg.AssetSelection.checks(*governance.check_keys),
    )
    found = {one.asset_key.to_user_string(): one for one in result.get_asset_check_evaluations()}
    assert result.success
    assert len(found) == len(set(governance.check_keys))
    assert found["ops_unowned"].passed
    dead = found["ops_dead_rules"]
    assert not dead.passed
    assert dead.severity is dg.AssetCheckSeverity.WARN
    count = dead.metadata["found"].value
    assert isinstance(count, int)
    assert count >= len(str(dead.metadata["samples"].value).splitlines()) > 0
