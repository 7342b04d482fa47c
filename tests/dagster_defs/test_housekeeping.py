"""What runs often is pruned by age; what is known of assets stays."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dagster_defs.defs.housekeeping.job import prune
from dagster_defs.project import ROOT
from dagster_defs.resources import WRITER_POOL

TABLE = dg.AssetKey("some_table")
HOUR = timedelta(hours=1)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster with the settings that the project ships."""
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as made:
        yield made


def ran(instance: dg.DagsterInstance, name: str) -> str:
    """A run of a job of that name, which has told of a table."""

    @dg.op(out=dg.Out(dg.Nothing))
    def tell() -> Iterator[dg.AssetMaterialization | dg.Output[None]]:
        yield dg.AssetMaterialization(TABLE, metadata={"by": name})
        yield dg.Output(None)

    @dg.job(name=name, executor_def=dg.in_process_executor)
    def work() -> None:
        tell()

    return work.execute_in_process(instance=instance).run_id


def test_old_runs_go_with_their_events_and_the_latest_of_an_asset_stays_known(
    instance: dg.DagsterInstance,
) -> None:
    often = [ran(instance, "continuous") for _ in range(3)]
    rare, own = ran(instance, "daily_build"), ran(instance, "housekeeping")
    assert prune(instance, datetime.now(UTC) - HOUR) == 0
    assert prune(instance, datetime.now(UTC) + HOUR, spare=own) == len(often)
    assert {one.run_id for one in instance.get_runs()} == {rare, own}
    told = instance.fetch_materializations(TABLE, limit=10).records
    assert {one.run_id for one in told} == {rare, own}
    latest = instance.get_latest_materialization_event(TABLE)
    assert latest is not None
    assert latest.run_id == own


def test_what_pruning_deletes_leaves_the_disk_too(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = ran(instance, "continuous")
    assert list(tmp_path.rglob(f"*{run}*"))
    prune(instance, datetime.now(UTC) + HOUR)
    assert not list(tmp_path.rglob(f"*{run}*"))


def test_housekeeping_is_off_until_someone_starts_it_and_writes_in_the_pool(
    definitions: dg.Definitions,
) -> None:
    schedule = definitions.resolve_schedule_def("housekeeping_daily")
    job = definitions.resolve_job_def("housekeeping")
    pools = {node.name: set(node.definition.pools) for node in job.graph.nodes}
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert pools == {"tidy_stores": {WRITER_POOL}, "prune_runs": set()}
