"""Approval of a plan: by whom it needs it, and by whom it has it."""

from typing import Any

from baton.errors import Refused
from baton.gate.owners import groups_of_release, who_may
from baton.journal import Journal, PlanApproval, RecordedPlan
from baton.project import Project
from baton.releases.admission import missing_groups
from baton.warehouse import reader

Facts = dict[str, Any]


def approve_plan(
    project: Project,
    journal: Journal,
    written: str,
    *,
    by: str,
    reason: str,
    account: str | None = None,
) -> Facts:
    """Approve a plan for all groups that `by`, an address, may approve for; returns who is left.

    Who may approve stands in the groups as they are live, not as the plan would have them.
    `account` is that in the operating system, null where it identifies nobody. Raises `Refused`
    for a plan that is refused or needs none, for somebody who may not, and where the policy wants
    another person for who is the plan's author by name or account.
    """
    plan = journal.plans.find(written)
    _require_open(plan)
    with reader(project.warehouse) as con:
        groups = groups_of_release(con, plan.base_release_id)
    wanted = plan.report["approval"]["groups"]
    own = [name for name in wanted if name in groups and by in groups[name].approvers]
    if not own:
        raise Refused(
            f"{by} may not approve this plan",
            where=f"plan {plan.plan_hash[:12]}",
            mend=f"ask one of {'; '.join(who_may(wanted, groups))}",
        )
    _require_second_person(plan, by, account)
    at = journal.now()
    for name in own:
        journal.plans.approve(PlanApproval(plan.plan_hash, name, by, reason, at, account))
    left = missing_groups(plan, journal.plans.approvals(plan.plan_hash))
    return {
        "plan_hash": plan.plan_hash,
        "approved_for": own,
        "by": by,
        "missing": left,
        "may_approve": who_may(left, groups),
    }


def _require_second_person(plan: RecordedPlan, by: str, account: str | None) -> None:
    wanted, where = plan.report["approval"], f"plan {plan.plan_hash[:12]}"
    if wanted["second_person"] and _is_same(by, plan.planned_by):
        raise Refused(
            "the author of a plan is not enough to approve it",
            where=where,
            mend="let somebody else of the group approve it",
        )
    is_own_account = account is not None and account == plan.report.get("planned_account")
    if wanted.get("other_account") and is_own_account:
        raise Refused(
            "the plan was made under the account that would approve it, whatever name is said",
            where=where,
            mend="let somebody else of the group approve it under an account of their own. Where "
            "people share one, or you work alone: set `by_name` in seeds/policies/release_policy"
            ".csv, `baton release activate --reason '...'`, then plan again",
        )


def _is_same(one: str, other: str) -> bool:
    """Whether two spellings can be one person: `Ada`, `ada ` and `ada@example.com` can."""
    names = [name.strip().casefold() for name in (one, other)]
    if not all("@" in name for name in names):
        names = [name.partition("@")[0] for name in names]
    return names[0] == names[1]


def _require_open(plan: RecordedPlan) -> None:
    if plan.verdict == "refused":
        raise Refused(
            "the plan is refused by the release policy; nobody can approve it",
            where=f"plan {plan.plan_hash[:12]}",
            mend="change less at once, or first change `release_policy`",
        )
    if plan.verdict == "pass":
        raise Refused(
            "the plan needs no approval",
            where=f"plan {plan.plan_hash[:12]}",
            mend=f"make it live: `baton release activate --plan {plan.plan_hash[:12]}`",
        )
