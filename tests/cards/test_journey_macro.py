"""The `journey` macro under dbt: a card runs, and its signals and guards are its parents."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from card_projects import QUOTE_STALLED, TinyProject
from dbt.cli.main import dbtRunner, dbtRunnerResult

MACRO = Path(__file__).parents[2] / "dbt_project/macros/journey.sql"
PROFILE = "baton: {{target: d, outputs: {{d: {{type: duckdb, path: {}, threads: 1}}}}}}\n"
PROJECT = "name: scratch\nprofile: baton\nflags: {send_anonymous_usage_stats: false}\n"
ODD_WHY = "\"it's 100% {odd}; -- 'so'\""


@pytest.fixture
def scratch(tmp_path: Path) -> TinyProject:
    made = TinyProject(tmp_path)
    made.write("dbt_project.yml", PROJECT)
    made.write("profiles.yml", PROFILE.format(tmp_path / "cards.duckdb"))
    card = QUOTE_STALLED.replace("why: late", f"why: {ODD_WHY}")
    made.write(
        "models/quote_stalled.sql", card.replace("from: any, to: won", "from: [a, b], to: won")
    )
    for model in ("quote_started", "quote_submitted", "case_opened", "open_case", "high_value"):
        made.write(f"models/{model}.sql", "select 1 as node_id")
    (tmp_path / "macros").mkdir()
    shutil.copy(MACRO, tmp_path / "macros/journey.sql")
    return made


def dbt(folder: Path, command: str) -> dbtRunnerResult:
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    logs = ["--log-path", str(folder / "logs"), "--quiet"]
    return dbtRunner().invoke([command, *places, *logs])


def test_a_card_runs_as_rows_and_depends_on_its_signals_and_guards(scratch: TinyProject) -> None:
    assert dbt(scratch.folder, "run").success
    manifest = json.loads((scratch.folder / "target/manifest.json").read_text())
    parents = manifest["parent_map"]["model.scratch.quote_stalled"]
    assert {parent.removeprefix("model.scratch.") for parent in parents} == {
        "quote_started",
        "quote_submitted",
        "case_opened",
        "open_case",
        "high_value",
    }
    with duckdb.connect(str(scratch.folder / "cards.duckdb")) as con:
        rows = con.execute(
            "select kind, from_step, signal, after_wait, why from quote_stalled order by step_no"
        ).fetchall()
        head = con.execute(
            "select distinct journey, key, horizon, grace, require_fresh from quote_stalled"
        ).fetchall()
    assert rows == [
        ("enter", None, "quote_started", None, "a quote was started"),
        ("goal", "a, b", "quote_submitted", None, "submitted"),
        ("step", "waiting", None, "2 hours", "it's 100% {odd}; -- 'so'"),
        ("step", "reminded", None, "1 day", "x"),
        ("exit", "any", "case_opened", None, "a case comes first"),
    ]
    assert head == [("quote_stalled", "quote_id", "30 days", "7 days", "false")]


ALL_KEYS = """\
{% call journey() %}
journey: quote_stalled
owner: sales
purpose: marketing
horizon: 30 days
timezone: Europe/Berlin
migrate: in_flight
steps:
  - {to: lapsed, enters: high_value, why: joined}
  - from: lapsed
    split: {short: 40, long: 60}
    after: 1 day
    at: "09:00"
    days: [mon, thu]
    do: {short: sms_reminder, long: task_call}
    on_block: wait
    owner: sales
    within: 1 day
    why: a trial
  - {from: any, to: back, leaves: open_case, kind: goal, why: left}
{% endcall %}
"""


def test_every_key_of_a_step_has_a_column(scratch: TinyProject) -> None:
    scratch.write("models/quote_stalled.sql", ALL_KEYS)
    assert dbt(scratch.folder, "run").success
    manifest = json.loads((scratch.folder / "target/manifest.json").read_text())
    parents = manifest["parent_map"]["model.scratch.quote_stalled"]
    assert sorted(parents) == ["model.scratch.high_value", "model.scratch.open_case"]
    with duckdb.connect(str(scratch.folder / "cards.duckdb")) as con:
        rows = con.execute(
            "select to_step, split, guard_entered, guard_left, at_time, on_days, action, on_block,"
            " hand_over_owner, service_level from quote_stalled order by step_no"
        ).fetchall()
        head = con.execute("select distinct timezone, migrate from quote_stalled").fetchall()
    nothing = (None,) * 6
    actions = "short: sms_reminder, long: task_call"
    assert rows == [
        ("lapsed", None, "high_value", None, *nothing),
        ("short, long", "short: 40, long: 60", None, None, "09:00", "mon, thu", actions, "wait",
         "sales", "1 day"),
        ("back", None, None, "open_case", *nothing),
    ]  # fmt: skip
    assert head == [("Europe/Berlin", "in_flight")]


def test_a_card_dbt_cannot_read_points_to_the_check(scratch: TinyProject) -> None:
    scratch.change("models/quote_stalled.sql", "purpose: marketing", "purpose: mark: eting")
    parsed = dbt(scratch.folder, "parse")
    assert not parsed.success
    assert "`baton check` says what to mend" in str(parsed.exception)
