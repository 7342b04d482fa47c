"""Whether the working tree may be made live: by its plan, as the live release's policy wants it."""

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta

import duckdb

from baton.errors import Refused
from baton.journal import Journal, PlanApproval, RecordedPlan
from baton.project import Project
from baton.releases.compile import Release
from baton.releases.project_text import Texts, checksum, kept_texts, read_texts
from baton.releases.store import is_written, read_release
from baton.releases.thresholds import Threshold, thresholds_of

REFUSED_PLAN = "the plan is refused by the release policy"


def admit(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    journal: Journal,
    release: Release,
    *,
    live: str | None,
    written: str | None,
) -> str | None:
    """Return who approved the plan that `written` names, null where none was needed.

    Raises `Refused` when the plan is not of what is live and what stands in the tree, is too old,
    refused, or not approved; and without a plan where the live policy asks for one.
    """
    if live is None or not is_written(con, live):
        return None
    thresholds = thresholds_of(read_release(con, live))
    if written is None:
        _require_no_plan(thresholds)
        return None
    plan = journal.plans.find(written)
    kept, texts = kept_texts(con), read_texts(project.dbt_project)
    _require_same(plan, content_hash(live, kept, release.release_id, texts), live)
    _require_young(plan, thresholds, journal)
    _require_passed(plan, journal)
    approvals = journal.plans.approvals(plan.plan_hash)
    return ", ".join(sorted({one.approved_by for one in approvals})) or None


def content_hash(live: str, kept: Texts, release_id: str, texts: Texts) -> str:
    """Return a hash of what is live and what would be: another one is another plan."""
    said = json.dumps([live, checksum(kept), release_id, checksum(texts)])
    return hashlib.sha256(said.encode()).hexdigest()


def missing_groups(plan: RecordedPlan, approvals: Iterable[PlanApproval]) -> list[str]:
    """Return the groups whose approval the plan needs and has not, by name."""
    have = {one.owner_group for one in approvals}
    return [one for one in plan.report["approval"]["groups"] if one not in have]


def _require_no_plan(thresholds: Iterable[Threshold]) -> None:
    if any(one.measure == "unplanned" and one.refused_above == 0 for one in thresholds):
        raise Refused(
            "the release policy wants a plan before anything becomes live",
            where="release_policy, unplanned",
            mend="`baton release plan`, then `baton release activate --plan HASH --reason '...'`",
        )


def _require_same(plan: RecordedPlan, content: str, live: str) -> None:
    if plan.content_hash == content:
        return
    what = "the working tree or the SQL that runs is"
    if plan.base_release_id != live:
        what = f"the live release is now {live[:12]}, which is"
    raise Refused(
        f"the plan does not match any more: {what} not what was planned",
        where=f"plan {plan.plan_hash[:12]}",
        mend="make a new plan: `baton release plan`",
    )


def _require_young(plan: RecordedPlan, thresholds: Iterable[Threshold], journal: Journal) -> None:
    limits = [one.refused_above for one in thresholds if one.measure == "report_age"]
    hours = next((one for one in limits if one is not None), None)
    if hours is not None and journal.now() - plan.planned_at > timedelta(hours=hours):
        raise Refused(
            f"the plan is older than {hours:g} hours, and history has gone on",
            where=f"plan {plan.plan_hash[:12]}",
            mend="make a new plan: `baton release plan`",
        )


def _require_passed(plan: RecordedPlan, journal: Journal) -> None:
    if plan.verdict == "refused":
        raise Refused(
            REFUSED_PLAN,
            where=f"plan {plan.plan_hash[:12]}",
            mend="change less at once; the report says which measure is over its limit",
        )
    approvals = journal.plans.approvals(plan.plan_hash)
    missing = missing_groups(plan, approvals)
    if plan.verdict == "needs_approval" and (missing or not approvals):
        raise Refused(
            f"the plan is not approved yet by {', '.join(missing) or 'anybody'}",
            where=f"plan {plan.plan_hash[:12]}",
            mend="`baton release approve HASH --by ADDRESS --reason '...'`",
        )
