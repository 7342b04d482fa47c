"""Approval of a plan: by whom it needs it, and by whom it has it."""

from collections.abc import Iterable, Mapping
from typing import Any

from baton.errors import Refused
from baton.gate.owners import Group, groups_of_release
from baton.journal import Journal, PlanApproval, RecordedPlan
from baton.project import Project
from baton.releases.admission import missing_groups
from baton.warehouse import reader

Facts = dict[str, Any]


def approve_plan(
    project: Project, journal: Journal, written: str, *, by: str, reason: str
) -> Facts:
    """Approve a plan for all groups that `by`, an address, may approve for; returns who is left.

    Who may approve stands in the groups as they are live, not as the plan would have them. Raises
    `Refused` for a plan that is refused or needs none, for somebody who may not, and for the
    plan's author where the policy wants another person.
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
            mend=f"ask one of {'; '.join(_who(wanted, groups))}",
        )
    if plan.report["approval"]["second_person"] and _is_same(by, plan.planned_by):
        raise Refused(
            "the author of a plan is not enough to approve it",
            where=f"plan {plan.plan_hash[:12]}",
            mend="let somebody else of the group approve it",
        )
    at = journal.now()
    for name in own:
        journal.plans.approve(PlanApproval(plan.plan_hash, name, by, reason, at))
    left = missing_groups(plan, journal.plans.approvals(plan.plan_hash))
    return {
        "plan_hash": plan.plan_hash,
        "approved_for": own,
        "by": by,
        "missing": left,
        "may_approve": _who(left, groups),
    }


def _is_same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


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


def _who(names: Iterable[str], groups: Mapping[str, Group]) -> list[str]:
    known = (groups.get(name) for name in names)
    return [f"{one.title} ({', '.join(sorted(one.approvers))})" for one in known if one]
