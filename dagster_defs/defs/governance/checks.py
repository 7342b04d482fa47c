"""Governance as asset checks: what is overdue, unowned, shared, dead, starved or drifting.

They warn and never fail a build: somebody has to look, nothing has to stop.
"""

from collections.abc import Iterator

import dagster as dg

from baton.governance import WATCHES, Finding, findings
from baton.warehouse import reader
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words

_NAME = "nothing_found"


@dg.multi_asset_check(
    name="governance",
    specs=[
        dg.AssetCheckSpec(_NAME, asset=dg.AssetKey(one.table), description=f"No {one.means}.")
        for one in WATCHES
    ],
    can_subset=True,
    pool=WRITER_POOL,
    description="Who owns and reviews what is live, and whether it still does what it should.",
)
def governance(
    context: dg.AssetCheckExecutionContext, baton: BatonResource
) -> Iterator[dg.AssetCheckResult]:
    """Read what the tables find at the time of the last batch."""
    with in_dagster_words(), reader(baton.project().warehouse) as con:
        found = findings(con, baton.micro_batch().dbt)
    wanted = {key.asset_key.to_user_string() for key in context.selected_asset_check_keys}
    yield from (_result(one) for one in found if one.watch.table in wanted)


def _result(one: Finding) -> dg.AssetCheckResult:
    facts: dict[str, int | str] = {"found": one.count}
    if one.count:
        facts |= {"samples": "\n".join(one.samples), "mend": one.watch.mend}
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(one.watch.table),
        check_name=_NAME,
        passed=one.count == 0,
        severity=dg.AssetCheckSeverity.WARN,
        description=one.line(),
        metadata=facts,
    )


governance_watched = dg.define_asset_job(
    "governance_watched",
    selection=dg.AssetSelection.checks(*governance.check_keys),
    description="The checks of governance alone: reads the warehouse, changes nothing.",
)
daily = dg.ScheduleDefinition(
    name="governance_watched_daily",
    job=governance_watched,
    cron_schedule="40 5 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="The checks of governance each morning at 05:40 UTC; off until started.",
)
