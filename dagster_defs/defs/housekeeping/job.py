"""Housekeeping as a job: what is old goes, by the project's policy, once a day."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

from baton.intake import sources_from_manifest
from baton.retention import Retention, tidy
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words

_JOBS = ("continuous", "micro_batch", "housekeeping")
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_PART = 20
_PAUSE_SECONDS = 0.05


@dg.op(
    pool=WRITER_POOL,
    out=dg.Out(dg.Nothing),
    description="Removes what retention.yml says is old from files, warehouse and journal.",
)
def tidy_stores(
    context: dg.OpExecutionContext, baton: BatonResource
) -> Iterator[dg.AssetObservation | dg.Output[None]]:
    """Tidy, and tell how many of what went."""
    project = baton.project()
    with in_dagster_words(), baton.journal() as journal:
        removed = tidy(
            project,
            journal,
            Retention.load(project.root),
            now=journal.now(),
            sources=lambda: sources_from_manifest(baton.micro_batch().dbt.source_nodes),
        )
    context.log.info("removed: %s", {what: count for what, count in removed.items() if count})
    yield dg.AssetObservation(dg.AssetKey(["raw", "tidyings"]), metadata=dict(removed))
    yield dg.Output(None)


@dg.op(
    ins={"tidied": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Deletes old runs of the jobs that run often, with their events.",
)
def prune_runs(context: dg.OpExecutionContext, baton: BatonResource) -> None:
    """Delete what has ended and is older than the policy; the latest of each asset stays known."""
    days = Retention.load(baton.project().root).dagster_run_days
    if days is not None:
        before = datetime.now(UTC) - timedelta(days=days)
        count = prune(context.instance, before, spare=context.run_id)
        context.log.info("%s runs older than %s days deleted", count, days)


def prune(instance: dg.DagsterInstance, before: datetime, *, spare: str | None = None) -> int:
    """Delete the runs that ended before a time (with zone); return how many there were."""
    count = 0
    for job in _JOBS:
        filters = dg.RunsFilter(job_name=job, statuses=_ENDED, updated_before=before)
        while found := [
            one.dagster_run.run_id
            for one in instance.get_run_records(filters, limit=_PART)
            if one.dagster_run.run_id != spare
        ]:
            for run_id in found:
                instance.delete_run(run_id)
                _remove_files(instance, run_id)
            count += len(found)
            time.sleep(_PAUSE_SECONDS)  # others write to the same files
    return count


def _remove_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """Remove what Dagster leaves of a run: its output, its emptied event log if that is a file."""
    events = instance.event_log_storage
    if isinstance(events, SqliteEventLogStorage):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{events.path_for_shard(run_id)}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)


@dg.job(description="What is old goes: landed files, ledgers, the journal, Dagster's own runs.")
def housekeeping() -> None:
    """Tidy the stores, then Dagster's."""
    prune_runs(tidy_stores())


@dg.schedule(
    name="housekeeping_daily",
    job=housekeeping,
    cron_schedule="20 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Housekeeping each night at 03:20 UTC.",
)
def daily() -> dg.RunRequest:
    """Ask for a run."""
    return dg.RunRequest()
