"""Plans of releases and who approved them: append-only."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from baton.errors import UsageError
from baton.journal.schema import release_approvals, release_plans
from baton.journal.store import Store


@dataclass(frozen=True)
class RecordedPlan:
    """A plan as its report said; `content_hash` is of what would change, and of what is live."""

    plan_hash: str
    content_hash: str
    base_release_id: str
    release_id: str
    verdict: str
    report: dict[str, Any]
    planned_by: str
    planned_at: datetime

    def facts(self) -> dict[str, Any]:
        """The report with its hash, as it was told when the plan was made."""
        return {"plan_hash": self.plan_hash, **self.report}


@dataclass(frozen=True)
class PlanApproval:
    """One group's approval of one plan.

    `account` is that of the operating system, null where it identifies nobody.
    """

    plan_hash: str
    owner_group: str
    approved_by: str
    reason: str
    approved_at: datetime
    account: str | None = None


class PlanLedger:
    """Plans and approvals in one journal. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, plan: RecordedPlan) -> None:
        """Append a plan; one of the same hash stays as it is."""
        known = select(release_plans.c.seq).where(release_plans.c.plan_hash == plan.plan_hash)
        with self._store.write() as connection:
            if connection.execute(known).first() is None:
                connection.execute(release_plans.insert().values(**asdict(plan)))

    def find(self, written: str) -> RecordedPlan:
        """The one plan whose hash starts so. Raises UsageError when there is none, or several."""
        names = [one.name for one in fields(RecordedPlan)]
        query = select(*[release_plans.c[name] for name in names]).where(
            release_plans.c.plan_hash.startswith(written, autoescape=True)
        )
        with self._store.read() as connection:
            rows = connection.execute(query.limit(2)).mappings().all()
        if len(rows) != 1:
            raise UsageError(
                f"{'no plan is' if not rows else 'several plans are'} called {written}",
                where="journal",
                mend="`baton release plan` says the hash of the plan it made",
            )
        return RecordedPlan(**rows[0])

    def approve(self, approval: PlanApproval) -> None:
        """Append an approval. Raises UsageError without a name or a reason."""
        if not approval.approved_by.strip() or not approval.reason.strip():
            mend = "say who approves and why; both stay on record"
            raise UsageError("an approval without a name or a reason", where="plan", mend=mend)
        with self._store.write() as connection:
            connection.execute(release_approvals.insert().values(**asdict(approval)))

    def approvals(self, plan_hash: str) -> list[PlanApproval]:
        """The approvals of a plan, oldest first."""
        names = [one.name for one in fields(PlanApproval)]
        query = select(*[release_approvals.c[name] for name in names]).where(
            release_approvals.c.plan_hash == plan_hash
        )
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(release_approvals.c.seq)).mappings()
            return [PlanApproval(**row) for row in rows]
