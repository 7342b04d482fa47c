"""`baton release plan` as a whole: copies, SQLMesh, both replays, the report and what follows."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from production import HOURS, Production
from store_run import SIGNED, Edit, StoreRun

from baton import releases, rooms
from baton.errors import Refused
from baton.gate.approving import approve_plan
from baton.gate.markdown import report_markdown
from baton.gate.plan import plan_release
from baton.journal import Journal
from dagster_defs.defs.release.jobs import release_plan
from dagster_defs.resources import BatonResource

_CARD = "models/journeys/cards/quote_stalled.sql"
_AGAIN = Edit(
    _CARD,
    "  - {from: reminded, to: called, after: 1 day",
    "  - {from: reminded, to: waiting, after: 5 minutes, unless: high_value, why: once more}\n"
    "  - {from: reminded, to: called, after: 1 day",
)
_AT_ONCE = Edit(_CARD, "reentry: never", "reentry: never\nmigrate: in_flight")
_SIGNAL = Edit(
    "models/journeys/signals/quote_started.sql",
    "'quote_started'",
    "'quote_started' and event_id < '8'",
)
_COLUMN = Edit(
    "models/journeys/guards/high_value.sql",
    "    loaded_seq\n",
    "    loaded_seq,\n    1 as planned_column\n",
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def harmful(production: Production) -> Iterator[tuple[StoreRun, dict[str, Any]]]:
    """A card that goes back to where it reminds, planned."""
    run = production.forked("harmful", production.run)
    run.edit(Edit(_CARD, "after: 2 hours", "after: 5 minutes"))
    run.edit(_AGAIN)
    run.edit(_AT_ONCE)
    yield run, _planned(run)


def test_a_card_that_repeats_a_mail_is_caught(harmful: tuple[StoreRun, dict[str, Any]]) -> None:
    _, report = harmful
    assert report["decisions"]["counts"]["repeated"] > 5
    assert report["verdict"] == "refused" or "repeated" in {
        one["measure"] for one in report["findings"] if one["verdict"] == "needs_approval"
    }
    assert report["changed"]["cards"]["changed"] == ["quote_stalled"]
    assert {one["journey"] for one in report["decisions"]["samples"]["repeated"]} == {
        "quote_stalled"
    }


def test_the_page_for_a_pull_request_says_what_the_report_says(
    harmful: tuple[StoreRun, dict[str, Any]],
) -> None:
    _, report = harmful
    page = report_markdown(report)
    assert f"| {report['decisions']['counts']['repeated']} |" in page
    assert "+  - {from: reminded, to: waiting, after: 5 minutes" in page
    assert "### What this did not look at" in page


def test_changed_sql_shows_its_rows_what_lies_below_and_whose_decisions_are_others(
    production: Production,
) -> None:
    run = production.forked("sql", production.run)
    run.edit(_SIGNAL)
    run.edit(_COLUMN)
    before = run.project.warehouse.read_bytes()
    report = _planned(run)
    models = {one["model"]: one for one in report["models"]}
    signal = models["journeys.quote_started"]
    assert signal["breaking"]
    assert 0 < signal["rows_planned"] < signal["rows_now"]
    assert signal["rows_only_planned"] == 0
    assert "decisions.decisions" in signal["downstream"]
    assert "quote_stalled" in report["journeys_downstream"]
    guard = models["journeys.high_value"]
    assert (guard["breaking"], guard["columns_added"]) == (False, ["planned_column"])
    assert report["decisions"]["counts"]["no_longer_contacted"] > 0
    assert report["approval"]["groups"] == ["journeys"]
    takes = report["takes"]
    assert (takes["read_again"], takes["goes_on"]) == (["high_value", "quote_started"], [])
    assert takes["first_batch_planned_s"] > 0
    assert "reads signals and guards from history again" in report_markdown(report)
    assert run.project.warehouse.read_bytes() == before


def test_a_change_of_nothing_changes_nothing_and_is_activated_by_its_plan(
    production: Production,
) -> None:
    run = production.forked("nothing", production.run)
    with rooms.writing(run.project.warehouse):
        told = _told_by_the_job(run)
    assert (told["verdict"].value, told["approval_by"].value) == ("pass", "nobody")
    assert str(told["plan"].value).startswith("## Release plan")
    with Journal.open(run.project.journal) as journal:
        plan = journal.plans.find(str(told["plan_hash"].value)[:10])
        report = plan.report
        assert not any(report["decisions"]["counts"].values())
        assert (report["verdict"], report["models"], report["changed"]) == ("pass", [], {})
        releases.compile_and_activate(run.project, journal, **SIGNED, plan=plan.plan_hash[:10])
        with pytest.raises(Refused, match="needs no approval"):
            approve_plan(
                run.project,
                journal,
                plan.plan_hash,
                by="sales-lifecycle@example.com",
                reason="test",
            )


def _told_by_the_job(run: StoreRun) -> Mapping[str, dg.MetadataValue[Any]]:
    config = {"by": "ada@example.com", "hours": HOURS, "slices": 100}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BATON_WAREHOUSE", str(run.project.warehouse))
        patch.setenv("BATON_JOURNAL", str(run.project.journal))
        done = release_plan.execute_in_process(
            run_config={"ops": {"plan_working_tree": {"config": config}}},
            resources={"baton": BatonResource(root=str(run.root))},
        )
    (told,) = (one for one in done.all_events if one.event_type_value == "ASSET_OBSERVATION")
    return told.asset_observation_data.asset_observation.metadata


def _planned(run: StoreRun) -> dict[str, Any]:
    with Journal.open(run.project.journal) as journal:
        return plan_release(run.project, journal, by="ada@example.com", hours=HOURS, slices=100)
