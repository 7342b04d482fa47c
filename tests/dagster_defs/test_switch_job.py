"""Stops and their ends as a job: who and why stand in the config of the run."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from baton.journal import HandedMessage, Journal
from dagster_defs.defs.switches.job import switch
from dagster_defs.project import ROOT
from dagster_defs.resources import BatonResource

NOON = datetime(2026, 3, 2, 12)


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal in which one message waits."""
    path = tmp_path / "baton.journal.db"
    monkeypatch.setenv("BATON_JOURNAL", str(path))
    with Journal.open(path) as opened:
        opened.set_simulated_time(NOON)
        opened.hand_over([waiting()], checked_at=NOON)
    return path


def waiting() -> HandedMessage:
    """A message of win_back."""
    return HandedMessage(
        message_id="m",
        candidate_id="c",
        instance_id="i",
        journey="win_back",
        action="mail",
        release_id="r",
        card_hash="h",
        node_id="n",
        person_id="p",
        contact_point_id="cp",
        address="ann@mail.example",
        channel="email",
        destination="shop_mail",
        message_class="marketing",
        brand="main",
        template=None,
        priority=1,
        expires_at=NOON + timedelta(days=1),
        consent_at=NOON,
        variables={},
    )


def run(verb: str, **more: Any) -> bool:
    """Run the job for the journey win_back; whether it succeeded."""
    config = {"verb": verb, "scope": "journey", "value": "win_back", "reason": "why", "by": "kim"}
    return switch.execute_in_process(
        run_config={"ops": {"set_switch": {"config": config | more}}},
        resources={"baton": BatonResource(root=str(ROOT))},
        raise_on_error=False,
        instance=dg.DagsterInstance.ephemeral(),
    ).success


def test_a_run_stops_a_journey_and_another_lets_it_go_when_it_says_what_becomes_of_what_waits(
    journal: Path,
) -> None:
    assert run("stop")
    with Journal.open(journal) as opened:
        (stopped,) = opened.switches()
    assert (stopped.value, stopped.set_by, stopped.reason) == ("win_back", "kim", "why")
    assert not run("resume")
    assert run("resume", held="cancel")
    with Journal.open(journal) as opened:
        assert opened.switches() == []
        assert opened.message_counts() == {"cancelled": 1}


def test_a_switch_without_a_reason_is_refused(journal: Path) -> None:
    assert not run("stop", reason=" ")
    with Journal.open(journal) as opened:
        assert opened.switches() == []
