"""What Dagster loads: jobs, pools, what is off, and what is refused."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from baton.errors import CheckFailed
from baton.governance import WATCHES
from dagster_defs.project import ROOT, manifest, require_sound_rules
from dagster_defs.resources import WRITER_POOL


def pools_of(job: dg.JobDefinition) -> dict[str, set[str]]:
    """Return the pools of each op of the job."""
    return {node.name: set(node.definition.pools) for node in job.graph.nodes}


def test_all_definitions_load_and_fit_together(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_what_starts_runs_by_itself_is_off_until_someone_starts_it(
    definitions: dg.Definitions,
) -> None:
    schedule = definitions.resolve_schedule_def("micro_batch_every_minute")
    checks = definitions.resolve_schedule_def("activation_watched_every_five_minutes")
    daily = definitions.resolve_schedule_def("governance_watched_daily")
    sensor = definitions.resolve_sensor_def("landing_sensor")

    assert daily.default_status is dg.DefaultScheduleStatus.STOPPED
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert checks.default_status is dg.DefaultScheduleStatus.STOPPED
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


def test_deciding_is_in_the_writers_pool_and_sending_is_not(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("micro_batch")

    assert pools_of(job) == {"decide": {WRITER_POOL}, "deliver": set()}


def test_all_of_the_daily_build_but_sending_is_in_the_writers_pool(
    definitions: dg.Definitions,
) -> None:
    pools = pools_of(definitions.resolve_job_def("daily_build"))

    assert pools.pop("messages_sent") == pools.pop("activation_checks") == set()
    assert set(pools) == {
        "intake",
        "dbt_models",
        "handed_over",
        "tools_synced",
        "promises",
        "governance",
    }
    assert set(map(frozenset, pools.values())) == {frozenset({WRITER_POOL})}


def test_every_data_test_on_one_model_is_a_check_of_it(assets: AssetGraph) -> None:
    models = {
        name: node["depends_on"]["nodes"][0].split(".")[-1]
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "test"
        and (name := node["name"])
        and len(node["depends_on"]["nodes"]) == 1
        and node["depends_on"]["nodes"][0].startswith("model.")
    }
    checks = {key.name: key.asset_key.to_user_string() for key in assets.asset_check_keys}

    assert len(models) > 50
    assert models.items() <= checks.items()


def test_each_channel_and_each_source_that_promises_has_a_check(assets: AssetGraph) -> None:
    checks = {key.to_user_string() for key in assets.asset_check_keys}

    assert {f"latency_hourly:{one}_claimed_in_time" for one in ("email", "sms")} <= checks
    assert {"raw/web_events:delivers_in_time", "raw/service_cases:delivers_in_time"} <= checks


def test_each_table_of_governance_has_a_check(assets: AssetGraph) -> None:
    checks = {key.to_user_string() for key in assets.asset_check_keys}

    assert {f"{one.table}:nothing_found" for one in WATCHES} <= checks


def test_unit_tests_are_no_checks(assets: AssetGraph) -> None:
    unit_tests = {node["name"] for node in manifest()["unit_tests"].values()}

    assert unit_tests
    assert not unit_tests & {key.name for key in assets.asset_check_keys}


def test_a_wrong_card_is_refused_with_file_line_and_mend(tmp_path: Path) -> None:
    dbt_project = shutil.copytree(
        ROOT / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    card = dbt_project / "models" / "journeys" / "cards" / "quote_stalled.sql"
    card.write_text(card.read_text().replace("from: waiting", "from: wating"))

    with pytest.raises(CheckFailed, match=r"quote_stalled\.sql:\d+ .*wating[\s\S]*mend: .*waiting"):
        require_sound_rules(dbt_project)


_STARTS_A_RUN = """
import os, subprocess, sys
from dagster_defs.definitions import defs
defs()
told = "import os; print(os.environ.get('GLIBC_TUNABLES'), os.environ.get('TZ_OF_THE_SHOP'))"
print(subprocess.check_output([sys.executable, "-c", told], text=True))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_runs_start_with_the_memory_at_hand_that_the_continuous_run_of_the_command_has(
    tmp_path: Path,
) -> None:
    told = subprocess.check_output(
        [sys.executable, "-c", _STARTS_A_RUN],
        env={
            **{name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"},
            "DAGSTER_HOME": str(tmp_path),
            "TZ_OF_THE_SHOP": "kept",
        },
        cwd=ROOT,
        text=True,
        timeout=120,
    )
    assert told.split() == ["glibc.malloc.tcache_count=60000", "kept"]
