"""Approving, activating and withdrawing as Dagster jobs: what the command does, in its words."""

from typing import Any

import dagster as dg
import pytest
from installations import Installation, held_elsewhere
from plans_on_record import OWNER, live_shop_of, planned

from baton.errors import Refused
from baton.gate.approving import approve_plan
from dagster_defs.defs.release.jobs import (
    release_activate,
    release_approve,
    release_put_back,
    release_withdraw,
)
from dagster_defs.resources import BatonResource

ADA = {"by": "ada@example.com", "reason": "remind sooner"}
_STEPS = {
    "release_approve": "approve_planned",
    "release_activate": "make_live",
    "release_withdraw": "take_back",
    "release_put_back": "put_sql_back",
}


@pytest.fixture
def live(shop: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A shop whose first release is live, where jobs look for it."""
    monkeypatch.setenv("BATON_WAREHOUSE", str(shop.project.warehouse))
    monkeypatch.setenv("BATON_JOURNAL", str(shop.project.journal))
    return live_shop_of(shop, unplanned="")


def run(shop: Installation, job: dg.JobDefinition, **config: Any) -> dict[str, Any]:
    """Run a job; return the metadata of what it tells about the releases."""
    ops = {_STEPS[job.name]: {"config": config}} if config else {}
    done = job.execute_in_process(
        run_config={"ops": ops},
        resources={"baton": BatonResource(root=str(shop.project.root))},
    )
    kinds = {"ASSET_OBSERVATION", "ASSET_MATERIALIZATION"}
    (event,) = (one for one in done.all_events if one.event_type_value in kinds)
    data: Any = event.event_specific_data
    told = getattr(data, "asset_observation", None) or data.materialization
    return {name: one.value for name, one in told.metadata.items()}


def words_of(shop: Installation, job: dg.JobDefinition, **config: Any) -> str:
    """Run a job that is refused; return what it says."""
    with pytest.raises(dg.Failure) as failed:
        run(shop, job, **config)
    return str(failed.value.description)


def test_a_plan_is_approved_and_activated_with_its_report_beside_the_release(
    live: Installation,
) -> None:
    plan = planned(live)
    approved = run(live, release_approve, plan=plan[:12], by=OWNER, reason="looked at all")
    assert "approved for sales" in approved["report"]
    told = run(live, release_activate, plan=plan[:12], **ADA)
    assert told["release_id"] == live.live()
    assert (told["verdict"], told["plan_hash"], told["by"]) == ("needs_approval", plan, ADA["by"])
    assert told["plan"].startswith(f"## Release plan {plan[:12]}: needs approval")
    assert told["customers_repeated"] == 7
    assert told["report"].startswith(f"live       {live.live()}")
    assert "goes on from the rows it has: profiles.customers" in told["report"]
    assert live.journal.activations()[-1].approved_by == OWNER


def test_a_plan_that_is_not_approved_not_the_same_any_more_or_refused_fails_as_the_command_does(
    live: Installation,
) -> None:
    plan = planned(live)
    assert "not approved yet by sales" in words_of(live, release_activate, plan=plan, **ADA)
    refused = planned(live, verdict="refused")
    said = words_of(live, release_activate, plan=refused, **ADA)
    assert said.startswith("the plan is refused by the release policy\n  where: plan")
    live.edit("models/_groups.yml", "Sales lifecycle", "Sales")
    said = words_of(live, release_activate, plan=plan, **ADA)
    assert "does not match any more" in said
    assert "mend:  make a new plan" in said
    assert len(live.journal.activations()) == 1


def test_the_author_alone_cannot_approve_where_the_policy_wants_another(live: Installation) -> None:
    plan = planned(live, by=OWNER, second_person=True)
    signed = {"plan": plan, "by": OWNER, "reason": "mine"}
    said = words_of(live, release_approve, **signed)
    with pytest.raises(Refused, match="author") as refused:
        approve_plan(live.project, live.journal, plan, by=OWNER, reason="mine")
    assert said == str(refused.value)
    assert live.journal.plans.approvals(plan) == []


def test_a_release_is_taken_back_and_an_earlier_one_made_live_again(live: Installation) -> None:
    first = live.live()
    live.edit("seeds/policies/release_policy.csv", "24", "25")
    second = run(live, release_activate, **ADA)["release_id"]
    back = run(live, release_withdraw, by="kim@example.com", reason="too many complaints")
    assert live.live() == first
    assert f"withdrawn  {second}" in back["report"]
    assert (back["withdrawn"], back["live"], back["reason"]) == (
        second,
        first,
        "too many complaints",
    )
    last = {"by": "kim@example.com", "reason": "all of it"}
    assert "last release that stands" in words_of(live, release_withdraw, **last)
    assert run(live, release_activate, release=str(second)[:12], **ADA)["release_id"] == second


def test_what_a_withdrawal_could_not_put_back_is_put_back_by_a_job_and_nothing_else_withdrawn(
    live: Installation,
) -> None:
    first = live.live()
    signal = "models/journeys/signals/quote_started.sql"
    live.edit(signal, "quote_id", "offer_id")
    live.edit("models/journeys/cards/quote_stalled.sql", "key: quote_id", "key: offer_id")
    second = run(live, release_activate, **ADA)["release_id"]
    with held_elsewhere(live.project.warehouse):
        said = words_of(live, release_withdraw, put_back=True, **ADA)
    assert "is withdrawn; run again, this takes the next one" in said
    assert "run the job release_put_back" in said
    assert live.live() == first
    assert run(live, release_put_back)["live"] == first
    assert "offer_id" not in (live.project.dbt_project / signal).read_text(encoding="utf-8")
    forward = run(live, release_put_back, release=second)
    assert (forward["release"], forward["live"]) == (second, first)
    assert run(live, release_put_back)["release"] == first
    live.edit(signal, "-- the quote", "-- mine")
    live.edit(signal, "quote_id", "offer_id")
    assert "was edited after it was activated" in words_of(live, release_put_back)
