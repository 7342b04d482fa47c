"""The command line: exit codes, messages with a mend, facts as JSON."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

REPOSITORY = Path(__file__).parents[2]
BATON = Path(sys.executable).with_name("baton")


@pytest.fixture
def baton(tmp_path):
    stores = {
        "BATON_WAREHOUSE": str(tmp_path / "w.duckdb"),
        "BATON_JOURNAL": str(tmp_path / "j.db"),
        "BATON_LANDING": str(tmp_path / "landing"),
        "PATH": "/usr/bin:/bin",
    }

    def call(*arguments, cwd=REPOSITORY):
        return subprocess.run(
            [BATON, *arguments], env=stores, cwd=cwd, capture_output=True, text=True, check=False
        )

    return call


def test_help_names_every_command_with_what_it_does(baton):
    shown = baton("--help")
    assert shown.returncode == 0
    for name in (
        "demo",
        "run",
        "send",
        "outbox",
        "serve",
        "status",
        "explain",
        "stop",
        "resume",
        "tidy",
        "check",
        "release",
    ):
        assert f"\n  {name} " in shown.stdout


def test_an_unknown_command_is_wrong_usage(baton):
    assert baton("conduct").returncode == 2


def test_outside_of_a_project_the_mend_is_named(baton, tmp_path):
    refused = baton("check", cwd=tmp_path)
    assert refused.returncode == 2
    assert "mend:" in refused.stderr


def test_the_cards_and_policies_that_are_shipped_are_fine(baton):
    checked = baton("check", "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout) == []


def test_a_stop_needs_a_reason(baton):
    assert baton("stop", "journey", "quote_stalled").returncode == 2


def test_a_stop_is_in_force_without_a_warehouse_and_can_be_lifted(baton):
    stopped = baton("stop", "journey", "quote_stalled", "--reason", "wrong prices", "--json")
    assert json.loads(stopped.stdout)["stopped"] == [
        {"scope": "journey", "value": "quote_stalled", "reason": "wrong prices"}
    ]
    lifted = baton("resume", "journey", "quote_stalled", "--reason", "mended", "--json")
    assert json.loads(lifted.stdout)["stopped"] == []


def test_a_batch_without_a_live_release_is_refused_and_says_what_to_do(baton):
    refused = baton("run")
    assert refused.returncode == 5
    assert "baton release activate" in refused.stderr


def test_status_before_the_first_batch_says_what_to_run(baton):
    refused = baton("status")
    assert refused.returncode == 1
    assert "baton demo" in refused.stderr


def test_what_is_due_for_review_before_the_first_batch_says_what_to_run(baton, tmp_path):
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    refused = baton("review")
    assert refused.returncode == 1
    assert "baton run" in refused.stderr


def test_sending_with_nothing_to_send_needs_no_secret(baton):
    sent = baton("send", "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["requests"] == 0
