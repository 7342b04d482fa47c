"""What keeps a continuous run alive, and asks for the next one before the last ends."""

import time

import dagster as dg

from dagster_defs.defs.continuous.job import ContinuousConfig, continuous

_AHEAD_SECONDS = 90
_ALIVE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.sensor(
    job=continuous,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Keeps one continuous run at work: starts it, follows it up, replaces a dead one.",
)
def continuous_keeper(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when there is none, and for a successor when the only one is about to end."""
    filters = dg.RunsFilter(job_name=continuous.name, statuses=_ALIVE)
    records = context.instance.get_run_records(filters, limit=2)
    if not records:
        return dg.RunRequest()
    if len(records) > 1:
        return dg.SkipReason("a successor waits to take over")
    (only,) = records
    age = time.time() - (only.start_time or time.time())
    if age < ContinuousConfig().minutes * 60 - _AHEAD_SECONDS:
        return dg.SkipReason("a continuous run is at work")
    return dg.RunRequest(run_key=f"after-{only.dagster_run.run_id}")
