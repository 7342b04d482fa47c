"""Plan, approve, activate and withdraw as jobs: what `baton release` does, in the same words."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from baton import releases
from baton.gate.approving import approve_plan
from baton.gate.markdown import report_markdown
from baton.gate.plan import HOURS, SLICES, plan_release
from baton.releases import text
from baton.releases.admission import REFUSED_PLAN
from baton.releases.putting_back import left_lines
from dagster_defs.facts import Facts, of_report
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words

RELEASES = dg.AssetKey(["raw", "releases"])
Told = dg.AssetObservation | dg.AssetMaterialization | dg.Output[None]
_RELEASE = "A release's id, or how it starts."
_PLAN = "The plan's hash, or how it starts; `release_plan` tells it."


class Signed(dg.Config):
    """Who does it and why."""

    by: str = Field(description="Who does it, as an address; it stays on record.")
    reason: str = Field(description="Why; it stays on record.")


class PlanConfig(dg.Config):
    """Whose plan it is, and how much history is decided again."""

    by: str = Field(description="Whose plan it is, as an address; it stays on record.")
    hours: float = Field(default=HOURS, gt=0, description="How many hours are decided both ways.")
    slices: int = Field(default=SLICES, ge=1, description="In how many steps at most.")


class ApproveConfig(Signed):
    """Who approves which plan and why."""

    plan: str = Field(description=_PLAN)


class ActivateConfig(Signed):
    """What becomes live, by whom and why."""

    plan: str | None = Field(
        default=None, description=f"{_PLAN} Without it the working tree goes live unplanned."
    )
    release: str | None = Field(
        default=None,
        description=f"{_RELEASE} One that was compiled before; by default the working tree.",
    )
    approved_by: str | None = Field(
        default=None, description="Who approved; with a plan its approvals are on record."
    )


class WithdrawConfig(Signed):
    """What is taken back, by whom and why."""

    release: str | None = Field(default=None, description=f"{_RELEASE} By default the live one.")
    approved_by: str | None = Field(default=None, description="Who approved.")
    force: bool = Field(
        default=False, description="Also the last one that stands; then nothing acts."
    )
    put_back: bool = Field(
        default=False, description="Write the SQL of signals and guards as it was before, too."
    )


class PutBackConfig(dg.Config):
    """Of which release the SQL is written."""

    release: str | None = Field(default=None, description=f"{_RELEASE} By default the live one.")


@dg.op(out=dg.Out(dg.Nothing), description="Plans the working tree on copies.")
def plan_working_tree(
    context: dg.OpExecutionContext, baton: BatonResource, config: PlanConfig
) -> Iterator[Told]:
    """Plan, and tell the report with its verdict and counts; fails where the policy refuses."""
    with in_dagster_words(), baton.journal() as journal:
        report = plan_release(
            baton.project(),
            journal,
            by=config.by,
            hours=config.hours,
            slices=config.slices,
            progress=context.log.info,
        )
    yield dg.AssetObservation(RELEASES, metadata=_of_plan(report))
    if report["verdict"] == "refused":
        raise dg.Failure(REFUSED_PLAN, allow_retries=False)
    yield dg.Output(None)


@dg.op(out=dg.Out(dg.Nothing), description="Records an approval in the journal.")
def approve_planned(baton: BatonResource, config: ApproveConfig) -> Iterator[Told]:
    """Approve for the groups that the author of the approval may approve for."""
    with in_dagster_words(), baton.journal() as journal:
        facts = approve_plan(
            baton.project(), journal, config.plan, by=config.by, reason=config.reason
        )
    yield dg.AssetObservation(
        RELEASES, metadata=_signed(config) | of_report(facts, text.approved_lines(facts))
    )
    yield dg.Output(None)


@dg.op(
    pool=WRITER_POOL,
    out=dg.Out(dg.Nothing),
    description="Writes the release and the entry of the log that makes it live.",
)
def make_live(baton: BatonResource, config: ActivateConfig) -> Iterator[Told]:
    """Activate what was planned, the working tree as it is, or an earlier release."""
    with in_dagster_words(), baton.journal() as journal:
        facts = releases.activate_named(
            baton.project(),
            journal,
            config.release,
            plan=config.plan,
            by=config.by,
            approved_by=config.approved_by,
            reason=config.reason,
        )
        planned = journal.plans.find(config.plan).facts() if config.plan else None
    metadata = _signed(config) | of_report(facts, text.activated_lines(facts))
    if planned is not None:
        metadata |= _of_plan(planned)
    yield dg.AssetMaterialization(RELEASES, metadata=metadata)
    yield dg.Output(None)


@dg.op(out=dg.Out(dg.Nothing), description="Takes the release back, at once.")
def take_back(baton: BatonResource, config: WithdrawConfig) -> Iterator[Told]:
    """Withdraw, and tell what becomes of instances and messages."""
    with in_dagster_words(), baton.journal() as journal:
        facts = releases.withdraw(
            baton.project(),
            journal,
            config.release,
            by=config.by,
            approved_by=config.approved_by,
            reason=config.reason,
            is_forced=config.force,
            puts_back=config.put_back,
        )
    yield dg.AssetObservation(
        RELEASES, metadata=_signed(config) | of_report(facts, text.withdrawn_lines(facts))
    )
    _require_put_back(facts)
    yield dg.Output(None)


@dg.op(out=dg.Out(dg.Nothing), description="Writes signals and guards as a release has them.")
def put_sql_back(baton: BatonResource, config: PutBackConfig) -> Iterator[Told]:
    """Put back, and tell what was written and what left as it is; fails where something was."""
    with in_dagster_words(), baton.journal() as journal:
        facts = releases.put_sql_back(baton.project(), journal, config.release)
    yield dg.AssetObservation(RELEASES, metadata=of_report(facts, text.put_back_lines(facts)))
    _require_put_back(facts)
    yield dg.Output(None)


def _require_put_back(facts: Facts) -> None:
    """Fail for good: a second try of a withdrawal would take back the release before, too."""
    left = [*left_lines(facts["left_as_is"])]
    if why := facts.get("not_put_back"):
        left.append(f"no SQL was put back, as {why}; run the job release_put_back")
    if left and "withdrawn" in facts:
        left.insert(0, f"{facts['withdrawn']} is withdrawn; run again, this takes the next one")
    if left:
        raise dg.Failure("\n".join(left), allow_retries=False)


def _signed(config: Signed) -> Facts:
    return {"by": config.by, "reason": config.reason}


def _of_plan(report: Facts) -> Facts:
    """The plan's verdict, whom it would touch, and the page."""
    return {
        "plan": dg.MetadataValue.md(report_markdown(report)),
        "plan_hash": report["plan_hash"],
        "verdict": report["verdict"],
        "approval_by": ", ".join(report["approval"]["groups"]) or "nobody",
        **{f"customers_{name}": count for name, count in report["decisions"]["counts"].items()},
    }


@dg.job(
    description="What the working tree would change, before it does, as `baton release plan` says"
    " it: the report stands on the asset `raw/releases`. Nothing becomes live."
)
def release_plan() -> None:
    """Plan the working tree."""
    plan_working_tree()


@dg.job(
    description="Approves a plan, as `baton release approve` does. An owner or approver of each"
    " dbt group that is concerned is wanted."
)
def release_approve() -> None:
    """Approve a plan."""
    approve_planned()


@dg.job(
    description="Makes a plan, the working tree or an earlier release live, as `baton release"
    " activate` does. Refused where the plan does not match any more, is refused or not approved."
)
def release_activate() -> None:
    """Activate."""
    make_live()


@dg.job(
    description="Takes a release back, as `baton release withdraw` does: nothing of it is sent from"
    " now on, the release before is live again with the next batch."
)
def release_withdraw() -> None:
    """Withdraw."""
    take_back()


@dg.job(
    description="Writes the SQL of signals and guards as a release has it, by default the live one,"
    " as `baton release put-back` does: what a withdrawal could not, as a batch held the warehouse."
)
def release_put_back() -> None:
    """Put back."""
    put_sql_back()
