"""What keeps a continuous run alive, and asks for the next one before the last ends."""

import time

import dagster as dg

from baton import rooms
from dagster_defs.defs.continuous.job import ContinuousConfig, continuous
from dagster_defs.resources import BatonResource

_AHEAD_SECONDS = 90
_WARM_UP_SECONDS = 120
_AGAIN_SECONDS = 300
_BEGINNING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
]


@dg.sensor(
    job=continuous,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Keeps one continuous run at work: starts it, follows it up, replaces a dead one.",
)
def continuous_keeper(
    context: dg.SensorEvaluationContext, baton: BatonResource
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when none is at work, and for a successor when it is about to end.

    Whether one is at work is told by the lock that it holds, not by what Dagster has on record.
    """
    warehouse = baton.project().warehouse
    if _runs(context.instance, _BEGINNING):
        return dg.SkipReason("a run is about to begin")
    if rooms.has_standby(warehouse):
        return dg.SkipReason("a successor waits to take over")
    ages = [
        time.time() - (record.start_time or time.time())
        for record in _runs(context.instance, [dg.DagsterRunStatus.STARTED])
    ]
    if not rooms.is_running(warehouse):
        if ages and min(ages) < _WARM_UP_SECONDS:
            return dg.SkipReason("a run warms up")
        return dg.RunRequest()
    if not ages or min(ages) < ContinuousConfig().minutes * 60 - _AHEAD_SECONDS:
        return dg.SkipReason("a continuous run is at work")
    return dg.RunRequest(run_key=f"successor-{int(time.time() // _AGAIN_SECONDS)}")


def _runs(instance: dg.DagsterInstance, statuses: list[dg.DagsterRunStatus]) -> list[dg.RunRecord]:
    filters = dg.RunsFilter(job_name=continuous.name, statuses=statuses)
    return list(instance.get_run_records(filters, limit=5))
