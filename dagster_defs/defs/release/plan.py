"""The plan of a release as a job: whom the working tree would touch, told beside the releases."""

import getpass
from collections.abc import Iterator

import dagster as dg

from baton.gate.markdown import report_markdown
from baton.gate.plan import plan_release
from dagster_defs.resources import BatonResource, in_dagster_words


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Plans the working tree on copies; nothing becomes live.",
)
def plan_working_tree(
    context: dg.OpExecutionContext, baton: BatonResource
) -> Iterator[dg.AssetObservation | dg.Output[None]]:
    """Plan, and tell the report with its verdict and counts."""
    with in_dagster_words(), baton.journal() as journal:
        report = plan_release(
            baton.project(), journal, by=getpass.getuser(), progress=context.log.info
        )
    yield dg.AssetObservation(
        dg.AssetKey(["raw", "releases"]),
        metadata={
            "plan_hash": report["plan_hash"],
            "verdict": report["verdict"],
            "report": dg.MetadataValue.md(report_markdown(report)),
            **report["decisions"]["counts"],
        },
    )
    yield dg.Output(None)


@dg.job(description="What the working tree would change, before it does: nothing becomes live.")
def release_plan() -> None:
    """Plan the working tree."""
    plan_working_tree()
