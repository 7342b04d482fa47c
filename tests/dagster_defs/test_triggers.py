"""What asks for a micro-batch: new files, or a minute without a run under way."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from dagster_defs.defs.micro_batch.job import micro_batch
from dagster_defs.defs.micro_batch.triggers import every_minute, landing_sensor
from dagster_defs.project import ROOT
from dagster_defs.resources import BatonResource


@dataclass
class Watch:
    """A landing folder, and a sensor that keeps its cursor from tick to tick."""

    root: Path
    instance: dg.DagsterInstance
    cursor: str | None = field(default=None)

    def lands(self, name: str, *, modified_at: float = 1_700_000_000.0) -> Path:
        """Put a file there, as one that is moved in with the time it had elsewhere."""
        path = self.root / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")
        os.utime(path, (modified_at, modified_at))
        return path

    def asks(self) -> bool:
        """Tick once; True when the sensor asks for a run."""
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"baton": BatonResource(root=str(self.root))},
        )
        answer = landing_sensor(context)
        self.cursor = context.cursor
        return isinstance(answer, dg.RunRequest)


@pytest.fixture(scope="module")
def dagster() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def instance(dagster: dg.DagsterInstance) -> Iterator[dg.DagsterInstance]:
    """Dagster without any run."""
    yield dagster
    dagster.wipe()


@pytest.fixture
def watch(tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.delenv("BATON_LANDING", raising=False)
    (tmp_path / "dbt_project").mkdir()
    shutil.copy(ROOT / "dbt_project" / "dbt_project.yml", tmp_path / "dbt_project")
    return Watch(tmp_path, instance)


def test_the_sensor_asks_once_for_each_new_file(watch: Watch) -> None:
    watch.lands("web/events.01.jsonl")
    assert [watch.asks(), watch.asks()] == [True, False]

    watch.lands("web/events.02.jsonl")
    assert [watch.asks(), watch.asks()] == [True, False]


def test_a_file_that_is_older_than_the_known_ones_is_new_all_the_same(watch: Watch) -> None:
    watch.lands("web/events.02.jsonl", modified_at=1_700_000_000)
    assert watch.asks()

    watch.lands("web/events.01.jsonl", modified_at=1_600_000_000)
    assert [watch.asks(), watch.asks()] == [True, False]


def test_a_file_counts_when_it_has_its_final_name(watch: Watch) -> None:
    part = watch.lands("web/events.01.jsonl.part")
    assert not watch.asks()

    part.rename(part.with_suffix(""))
    assert [watch.asks(), watch.asks()] == [True, False]


def test_a_missing_landing_folder_is_nothing_new(watch: Watch) -> None:
    assert not watch.asks()


def test_files_are_left_to_a_run_that_has_not_begun(watch: Watch) -> None:
    watch.lands("web/events.01.jsonl")
    watch.instance.create_run_for_job(micro_batch, status=dg.DagsterRunStatus.NOT_STARTED)

    assert [watch.asks(), watch.asks()] == [False, False]


def test_files_that_land_while_a_run_works_get_a_run_of_their_own(watch: Watch) -> None:
    watch.lands("web/events.01.jsonl")
    watch.instance.create_run_for_job(micro_batch, status=dg.DagsterRunStatus.STARTED)

    assert [watch.asks(), watch.asks()] == [True, False]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (dg.DagsterRunStatus.NOT_STARTED, dg.SkipReason),
        (dg.DagsterRunStatus.STARTED, dg.SkipReason),
        (dg.DagsterRunStatus.SUCCESS, dg.RunRequest),
        (dg.DagsterRunStatus.FAILURE, dg.RunRequest),
    ],
)
def test_a_minute_is_left_out_while_the_last_batch_has_not_ended(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, expected: type
) -> None:
    instance.create_run_for_job(micro_batch, status=status)

    assert isinstance(every_minute(dg.build_schedule_context(instance=instance)), expected)
