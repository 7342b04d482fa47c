"""The checks of activation, in this process, on a journal of their own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from corner_shop import NOON

from baton.errors import UsageError
from baton.journal import AddressBlock, Answer, ClaimOrder, HandedMessage, Journal, Verdict
from dagster_defs.defs.activation.checks import activation_checks
from dagster_defs.project import ROOT
from dagster_defs.resources import BatonResource, DestinationsResource

MINUTE = timedelta(minutes=1)
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
SUPPRESSIONS = ("suppressions_for_the_shop", "marketing_opt_outs_for_the_shop")
Checked = Callable[[], dict[str, dg.AssetCheckEvaluation]]


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv("BATON_JOURNAL", str(tmp_path / "checks.journal.db"))
    with Journal.open() as opened:
        opened.set_simulated_time(NOON)
        yield opened


@pytest.fixture
def checked(journal: Journal, tmp_path: Path) -> Checked:
    """Run the checks, under the bounds that a file names."""
    file = tmp_path / "destinations.yml"
    bounds = {"backlog_minutes": {"warn": 10, "error": 30}, "at_least": 4}
    file.write_text(yaml.safe_dump({"checks": bounds, "destinations": {}}))

    def run() -> dict[str, dg.AssetCheckEvaluation]:
        result = dg.materialize(
            [activation_checks],
            resources={
                "baton": BatonResource(root=str(ROOT)),
                "destinations": DestinationsResource(environment={"BATON_DESTINATIONS": str(file)}),
            },
            selection=dg.AssetSelection.checks(*activation_checks.check_keys),
        )
        assert result.success
        return {one.check_name: one for one in result.get_asset_check_evaluations()}

    return run


def text(number: int, **changes: object) -> HandedMessage:
    facts: dict[str, object] = {
        "message_id": f"m{number}",
        "candidate_id": f"c{number}",
        "instance_id": f"i{number}",
        "journey": "quote_stalled",
        "action": "remind",
        "release_id": "r1",
        "card_hash": "h1",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
        "contact_point_id": None,
        "channel": "sms",
        "destination": "gateway",
        "message_class": "service",
        "brand": "main",
        "template": None,
        "priority": 1,
        "expires_at": NOON + timedelta(days=9),
        "address": f"+1555010{number:04}",
    }
    return HandedMessage(**{**facts, **changes})  # pyright: ignore[reportArgumentType]


def send_all(journal: Journal, *, failing: int) -> None:
    """Claim everything; the first `failing` are rejected, the others accepted."""
    with journal.working() as worker:
        claimed = journal.claim("gateway", 100, journal.now(), worker, ClaimOrder())
        for place, one in enumerate(claimed):
            state = "rejected" if place < failing else "accepted"
            answer = Answer(one.attempt_id, "told", (Verdict(one.message_id, state),))
            journal.record([answer], journal.now())


def run_suppressions(journal: Journal, state: str) -> None:
    for sync in SUPPRESSIONS:
        run_id = journal.syncs.begin(sync, "retail_drop", "h", journal.now())
        journal.syncs.end(run_id, state, None, {})


def test_an_idle_journal_passes_every_check(checked: Checked) -> None:
    found = checked()

    assert {name: one.passed for name, one in found.items()} == {
        "backlog_age": True,
        "failure_share": True,
        "opt_out_delay": True,
    }


def test_a_message_that_waits_too_long_warns_and_later_fails_with_counts_and_latency(
    journal: Journal, checked: Checked
) -> None:
    journal.hand_over([text(1), text(2)], checked_at=NOON)
    journal.set_simulated_time(NOON + MINUTE)
    send_all(journal, failing=0)
    journal.hand_over([text(3)], checked_at=NOON + MINUTE)
    seen: list[tuple[bool, dg.AssetCheckSeverity]] = []
    for minute in (10, 11, 31):
        journal.set_simulated_time(NOON + minute * MINUTE)
        found = checked()["backlog_age"]
        seen.append((found.passed, found.severity))

    assert seen == [(True, WARN), (False, WARN), (False, ERROR)]
    told = {name: value.value for name, value in found.metadata.items()}
    assert (told["waiting"], told["oldest_minutes"]) == (1, 30.0)
    assert told["oldest_minutes_by_destination"] == {"gateway": 30.0}
    assert (told["outbox_to_claim_p50_s"], told["outbox_to_claim_p95_s"]) == (60.0, 60.0)


def test_a_share_of_failures_counts_from_enough_messages_on_and_for_a_day(
    journal: Journal, checked: Checked
) -> None:
    journal.hand_over([text(1), text(2), text(3)], checked_at=NOON)
    send_all(journal, failing=1)
    few = checked()["failure_share"]
    journal.hand_over([text(4)], checked_at=NOON)
    send_all(journal, failing=0)
    enough = checked()["failure_share"]
    journal.set_simulated_time(NOON + timedelta(hours=25))
    a_day_later = checked()["failure_share"]

    assert few.passed
    assert (enough.passed, enough.severity) == (False, ERROR)
    assert enough.metadata["failed_share_by_destination"].value == {"gateway": 0.25}
    assert enough.metadata["messages_by_destination"].value == {
        "gateway": {"accepted": 3, "dead": 1}
    }
    assert a_day_later.passed


def test_an_opt_out_that_no_tool_was_told_of_fails_until_the_suppressions_have_run(
    journal: Journal, checked: Checked
) -> None:
    run_suppressions(journal, "done")
    journal.set_simulated_time(NOON + MINUTE)
    block = AddressBlock("sms", "+15550100001", None, None, "opt_out", NOON, "preference_page")
    journal.block_addresses([block])
    journal.set_simulated_time(NOON + 17 * MINUTE)
    late = checked()["opt_out_delay"]
    run_suppressions(journal, "halted")
    still_late = checked()["opt_out_delay"]
    run_suppressions(journal, "done")
    told = checked()["opt_out_delay"]

    assert (late.passed, late.severity) == (False, WARN)
    assert late.metadata["oldest_minutes_by_way"].value == {
        f"retail_drop: {sync}": 16.0 for sync in SUPPRESSIONS
    }
    assert not still_late.passed
    assert told.passed


def test_a_message_that_tells_a_tool_of_an_opt_out_must_not_wait_either(
    journal: Journal, checked: Checked
) -> None:
    journal.hand_over([text(1, lane="opt_out")], checked_at=NOON)
    journal.set_simulated_time(NOON + 61 * MINUTE)
    found = checked()["opt_out_delay"]

    assert (found.passed, found.severity) == (False, ERROR)
    assert found.metadata["oldest_minutes_by_way"].value == {"gateway: messages": 61.0}


def test_destinations_take_secrets_by_name_and_an_unset_one_is_missed_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BATON_DESTINATIONS", raising=False)
    monkeypatch.setenv("CRM_TASKS_SECRET", "a planted secret")
    monkeypatch.delenv("CRM_TASKS_URL", raising=False)
    resource = DestinationsResource.of_environment()

    assert resource.environment["CRM_TASKS_SECRET"] == dg.EnvVar("CRM_TASKS_SECRET")
    assert "a planted secret" not in repr(resource)
    with dg.build_resources({"destinations": resource}) as resources:
        config = resources.destinations.config()
    assert config.environ["CRM_TASKS_SECRET"] == "a planted secret"
    with pytest.raises(UsageError, match="CRM_TASKS_URL is not set"):
        config.destination("crm_tasks")
