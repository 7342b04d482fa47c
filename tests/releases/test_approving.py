"""Who approves a plan, and what is not activated: plans as recorded, in a small installation."""

from contextlib import chdir
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from installations import NOON, SIGNED, Installation
from plans_on_record import OWNER, live_shop_of, planned

from baton import releases
from baton.cli import main
from baton.commands.accounts import account
from baton.errors import Refused, UsageError
from baton.gate.approving import approve_plan
from baton.gate.markdown import report_markdown
from baton.releases.project_text import keep_texts, kept_texts, read_texts
from baton.warehouse import writer

SECOND = "grace@example.com"


@pytest.fixture
def live(shop: Installation) -> Installation:
    """A shop whose first release is live, with the text it was built by."""
    return live_shop_of(shop, unplanned="")


def test_a_plan_that_passes_is_activated_and_needs_no_approval(live: Installation) -> None:
    plan = planned(live, verdict="pass")
    assert _activate(live, plan)["release_id"] == live.live()
    with pytest.raises(Refused, match="needs no approval"):
        _approve(live, plan, OWNER)


def test_a_plan_that_needs_approval_is_activated_once_every_group_has_approved(
    live: Installation,
) -> None:
    plan = planned(live, groups=["decisions", "sales"])
    with pytest.raises(Refused, match="not approved yet by decisions, sales"):
        _activate(live, plan)
    assert _approve(live, plan, OWNER)["missing"] == ["decisions"]
    with pytest.raises(Refused, match="not approved yet by decisions"):
        _activate(live, plan)
    assert _approve(live, plan, "journeys@example.com")["missing"] == []
    _activate(live, plan)
    approved_by = live.journal.activations()[-1].approved_by
    assert approved_by == "journeys@example.com, sales-lifecycle@example.com"


def test_a_plan_that_concerns_no_group_is_not_activated_for_want_of_anybody_to_ask(
    live: Installation,
) -> None:
    plan = planned(live, groups=[])
    with pytest.raises(Refused, match="not approved yet by anybody"):
        _activate(live, plan)


def test_the_page_of_a_plan_says_how_to_approve_it_and_who_may(live: Installation) -> None:
    found: dict[str, Any] = {"measure": "repeated", "unit": "persons", "value": 7}
    found |= {"approval_above": 0, "refused_above": None}

    def page(verdict: str, groups: list[str]) -> str:
        plan = live.journal.plans.find(planned(live, verdict=verdict, groups=groups))
        findings = [found | {"verdict": verdict}]
        return report_markdown(plan.facts() | {"findings": findings})

    told = page("needs_approval", ["sales"])
    plan = told.split()[3].rstrip(":")
    assert f"baton release approve {plan} --by ADDRESS --reason '...'" in told
    assert f"ADDRESS: Sales lifecycle (grace@example.com, {OWNER})." in told
    assert "baton release approve" not in page("pass", [])


def test_who_is_neither_owner_nor_approver_may_not_approve(live: Installation) -> None:
    plan = planned(live)
    with pytest.raises(Refused, match="may not approve") as refused:
        _approve(live, plan, "mallory@example.com")
    assert OWNER in refused.value.mend
    assert _approve(live, plan, SECOND)["missing"] == []


def test_the_author_alone_is_not_enough_where_the_policy_wants_another(live: Installation) -> None:
    plan = planned(live, by=OWNER.upper(), second_person=True)
    with pytest.raises(Refused, match="author"):
        _approve(live, plan, OWNER)
    _approve(live, plan, SECOND)
    _activate(live, plan)


@pytest.mark.parametrize("said", ["ada", "Ada ", "ADA@example.com"])
def test_another_spelling_of_the_author_is_no_second_person(live: Installation, said: str) -> None:
    live.edit("models/_groups.yml", "grace@example.com", "ada@example.com")
    live.activate()
    plan = planned(live, by=said, second_person=True)
    with pytest.raises(Refused, match="author"):
        _approve(live, plan, "ada@example.com")
    _approve(live, plan, OWNER)


def test_another_name_under_the_account_of_the_author_is_no_second_person(
    live: Installation,
) -> None:
    plan = planned(live, account="ada", second_person=True, other_account=True)
    with pytest.raises(Refused, match="under the account") as refused:
        _approve(live, plan, OWNER, account="ada")
    assert "set `by_name` in seeds/policies/release_policy.csv" in refused.value.mend
    assert "plan again" in refused.value.mend
    assert live.journal.plans.approvals(plan) == []
    _approve(live, plan, OWNER, account="grace")
    assert [one.account for one in live.journal.plans.approvals(plan)] == ["grace"]


def test_people_who_share_an_account_are_told_apart_by_name_where_the_policy_says_so(
    live: Installation,
) -> None:
    plan = planned(live, account="shared", second_person=True)
    assert _approve(live, plan, OWNER, account="shared")["missing"] == []


def test_the_command_says_under_which_account_it_runs_whatever_the_environment_says(
    live: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody")
    plan = planned(live, account=account(), second_person=True, other_account=True)
    with chdir(live.project.root):
        told = ["release", "approve", plan[:12], "--by", OWNER, "--reason", "mine"]
        said = CliRunner().invoke(main, told)
    assert (said.exit_code, "under the account" in said.stderr) == (5, True)


def test_the_author_may_approve_where_the_policy_does_not_mind(live: Installation) -> None:
    assert _approve(live, planned(live, by=OWNER), OWNER)["missing"] == []


def test_a_change_cannot_name_its_own_approvers(live: Installation) -> None:
    live.edit("models/_groups.yml", "grace@example.com", "mallory@example.com")
    with writer(live.project.warehouse) as con:
        keep_texts(con, read_texts(live.project.dbt_project))
    with pytest.raises(Refused, match="may not approve"):
        _approve(live, planned(live), "mallory@example.com")
    live.activate()
    _approve(live, planned(live), "mallory@example.com")


@pytest.mark.parametrize("file", ["models/journeys/cards/quote_stalled.sql", "models/_groups.yml"])
def test_what_is_not_what_was_planned_is_not_activated(live: Installation, file: str) -> None:
    plan = planned(live, verdict="pass")
    text = live.project.dbt_project / file
    text.write_text(text.read_text() + "\n")
    with pytest.raises(Refused, match="does not match any more"):
        _activate(live, plan)


def test_a_plan_made_before_another_release_went_live_is_not_activated(live: Installation) -> None:
    plan = planned(live, verdict="pass")
    live.edit("seeds/policies/release_policy.csv", "24", "25")
    live.activate()
    live.edit("seeds/policies/release_policy.csv", "25", "24")
    with pytest.raises(Refused, match="live release is now"):
        _activate(live, plan)


def test_a_plan_made_before_other_sql_ran_is_not_activated(live: Installation) -> None:
    plan = planned(live, verdict="pass")
    with writer(live.project.warehouse) as con:
        keep_texts(con, {**kept_texts(con), "macros/other.sql": "select 1"})
    with pytest.raises(Refused, match="does not match any more"):
        _activate(live, plan)


def test_an_old_plan_is_not_activated(live: Installation) -> None:
    plan = planned(live, verdict="pass")
    live.journal.set_simulated_time(NOON + timedelta(hours=25))
    with pytest.raises(Refused, match="older than 24 hours"):
        _activate(live, plan)


def test_a_refused_plan_can_neither_be_approved_nor_activated(live: Installation) -> None:
    plan = planned(live, verdict="refused")
    with pytest.raises(Refused, match="refused by the release policy"):
        _approve(live, plan, OWNER)
    with pytest.raises(Refused, match="refused by the release policy"):
        _activate(live, plan)


def test_without_a_plan_nothing_is_activated_where_the_live_policy_says_so(
    shop: Installation,
) -> None:
    live = live_shop_of(shop, unplanned="0")
    live.edit("seeds/policies/release_policy.csv", "activations,,0", "activations,,")
    with pytest.raises(Refused, match="wants a plan"):
        live.activate()
    _activate(live, planned(live, verdict="pass"))


def test_a_plan_nobody_made_is_not_known(live: Installation) -> None:
    with pytest.raises(UsageError, match="no plan is called beef"):
        _activate(live, "beef")


def test_a_plan_and_its_approvals_stay_on_record(live: Installation) -> None:
    plan = planned(live)
    _approve(live, plan, OWNER)
    (approval,) = live.journal.plans.approvals(plan)
    assert (approval.owner_group, approval.approved_by) == ("sales", OWNER)
    recorded = live.journal.plans.find(plan[:8])
    live.journal.plans.record(replace(recorded, planned_by="somebody else"))
    assert live.journal.plans.find(plan) == recorded


def _approve(shop: Installation, plan: str, by: str, account: str | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"by": by, "reason": "test", "account": account}
    return approve_plan(shop.project, shop.journal, plan, **told)


def _activate(shop: Installation, plan: str) -> dict[str, Any]:
    signed = {**SIGNED, "approved_by": None}
    return releases.compile_and_activate(shop.project, shop.journal, **signed, plan=plan)
