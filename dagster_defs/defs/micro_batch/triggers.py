"""What starts a micro-batch: the clock, or files that have landed. Both are off until started."""

import hashlib

import dagster as dg

from baton.intake.landing import listed
from dagster_defs.defs.micro_batch.job import micro_batch
from dagster_defs.resources import BatonResource

_WAITING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
]
_RUNNING = [*_WAITING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@dg.schedule(
    name="micro_batch_every_minute",
    job=micro_batch,
    cron_schedule="* * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="A micro-batch a minute; a minute is left out while the last one still runs.",
)
def every_minute(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run unless one is under way."""
    if _has_run(context.instance, _RUNNING):
        return dg.SkipReason("the last micro-batch has not ended")
    return dg.RunRequest()


@dg.sensor(
    job=micro_batch,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="A micro-batch when files have arrived in the landing folder.",
)
def landing_sensor(
    context: dg.SensorEvaluationContext, baton: BatonResource
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the folder's listing differs from the last one that a run was asked for.

    The cursor is a hash of names, sizes and times, not the newest time: a file that is moved or
    copied here may keep a time older than that of files which are known already.
    """
    landing = baton.project().landing
    if not landing.is_dir():
        return dg.SkipReason(f"there is no landing folder {landing.name} yet")
    listing = [(one.path, one.size, one.modified_ns) for one in listed(landing, [])]
    cursor = hashlib.sha256(repr(listing).encode()).hexdigest()
    if not listing or cursor == context.cursor:
        return dg.SkipReason("nothing new in the landing folder")
    context.update_cursor(cursor)
    if _has_run(context.instance, _WAITING):
        return dg.SkipReason("a micro-batch that has not begun will take the new files")
    return dg.RunRequest()


def _has_run(instance: dg.DagsterInstance, statuses: list[dg.DagsterRunStatus]) -> bool:
    mine = dg.RunsFilter(job_name=micro_batch.name, statuses=statuses)
    return bool(instance.get_run_records(mine, limit=1))
