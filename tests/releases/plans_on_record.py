"""A shop with owners and a release policy, and plans of it as they are recorded."""

from typing import Any

from installations import Installation

from baton import releases
from baton.gate.decision_diff import MEASURES
from baton.gate.owners import groups_of_release, who_may
from baton.gate.plan import record_plan
from baton.releases.admission import content_hash
from baton.releases.project_text import keep_texts, kept_texts, read_texts
from baton.warehouse import reader, writer

OWNER = "sales-lifecycle@example.com"
GROUPS = """\
groups:
  - name: sales
    owner: {name: Sales lifecycle, email: sales-lifecycle@example.com}
    config: {meta: {approvers: [grace@example.com]}}
  - name: decisions
    owner: {name: Journey engineering, email: journeys@example.com}
"""
POLICY = """\
measure,unit,approval_above,refused_above,second_person
report_age,hours,,24,false
unplanned,activations,,{unplanned},false
"""
_REPORT: dict[str, Any] = {
    "findings": [],
    "changed": {"cards": {"changed": ["quote_stalled"], "added": [], "removed": []}},
    "policies": [],
    "models": [],
    "journeys_downstream": [],
    "history": {"from": "2026-03-02 06:00", "to": "2026-03-02 12:00", "windows": 9, "slices": 3},
    "takes": {
        "read_again": [],
        "first_batch_now_s": 2.0,
        "first_batch_planned_s": 2.5,
        "goes_on": ["profiles.customers"],
    },
    "decisions": {
        "persons": 100,
        "counts": dict.fromkeys(MEASURES, 7),
        "changes": [],
        "reasons": [],
        "samples": {},
    },
    "not_looked_at": ["templates"],
}


def live_shop_of(shop: Installation, *, unplanned: str) -> Installation:
    """Make a shop live with groups and a release policy, and keep the text it was built by."""
    project = shop.project.dbt_project
    (project / "models/_groups.yml").write_text(GROUPS)
    (project / "seeds/policies/release_policy.csv").write_text(POLICY.format(unplanned=unplanned))
    shop.activate()
    with writer(shop.project.warehouse) as con:
        keep_texts(con, read_texts(project))
    return shop


def planned(
    shop: Installation,
    *,
    verdict: str = "needs_approval",
    groups: list[str] | None = None,
    by: str = "ada@example.com",
    second_person: bool = False,
    account: str | None = None,
    other_account: bool = False,
) -> str:
    """Put a plan of the working tree on record, as if it had been made; return its hash."""
    release = releases.compile_release(shop.project.dbt_project, now=shop.journal.now())
    with reader(shop.project.warehouse) as con:
        kept = kept_texts(con)
        known = groups_of_release(con, shop.live() or "")
    live = shop.live() or ""
    texts = read_texts(shop.project.dbt_project)
    wanted = ["sales"] if groups is None else groups
    report: dict[str, Any] = {
        "content_hash": content_hash(live, kept, release.release_id, texts),
        "now": {"release_id": live},
        "planned": {"release_id": release.release_id},
        "verdict": verdict,
        "approval": {
            "groups": wanted,
            "may_approve": who_may(wanted, known),
            "second_person": second_person,
            "other_account": other_account,
        },
        "planned_by": by,
        "planned_account": account,
        **_REPORT,
    }
    return record_plan(shop.journal, report)["plan_hash"]
