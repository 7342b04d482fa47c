"""Asks for a micro-batch when something has landed."""

import dagster as dg

from dagster_defs.defs.micro_batch.job import micro_batch
from dagster_defs.resources import BatonResource


@dg.sensor(
    job=micro_batch,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts a micro-batch when files have arrived in the landing folder.",
)
def landing_sensor(
    context: dg.SensorEvaluationContext, baton: BatonResource
) -> dg.RunRequest | dg.SkipReason:
    """Return a run request when the newest file in landing is newer than at the last tick."""
    landing = baton.project().landing
    files = [path for path in landing.rglob("*") if path.is_file() and path.suffix != ".part"]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    seen = int(context.cursor or 0)
    if newest <= seen:
        return dg.SkipReason("nothing new in the landing folder")
    context.update_cursor(str(newest))
    return dg.RunRequest(run_key=f"landed-{newest}")
