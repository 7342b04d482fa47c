"""Likeness of profiles: pairs that may be one person, proposed to identity. Off by default."""

from typing import Any

import dagster as dg

from baton.linkage import propose
from dagster_defs.resources import BatonResource, in_dagster_words


@dg.asset(
    deps=["stg_linkage__values", "stg_linkage__pairs"],
    group_name="identity",
    kinds={"python", "splink"},
    description=(
        "Pairs of identifiers whose profiles are alike, landed for the next batch. No job runs it"
        " but `likeness`, which its schedule starts once somebody turns it on."
    ),
)
def likeness_proposed(
    context: dg.AssetExecutionContext, baton: BatonResource
) -> dg.MaterializeResult[Any]:
    """Compare the profiles; the warehouse is only held while they are read."""
    with in_dagster_words():
        with baton.journal() as journal:
            now = journal.now()
        dbt = baton.micro_batch().dbt
        proposal = propose(baton.project(), dbt, now=now, run_id=context.run_id)
    return dg.MaterializeResult(metadata=proposal.facts())


likeness = dg.define_asset_job(
    "likeness",
    selection=dg.AssetSelection.assets(likeness_proposed),
    description="Proposes which profiles may be one person, by likeness.",
)


@dg.schedule(
    name="likeness_daily",
    job=likeness,
    cron_schedule="40 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Likeness of profiles each night at 02:40 UTC.",
)
def daily() -> dg.RunRequest:
    """Ask for a run."""
    return dg.RunRequest()
