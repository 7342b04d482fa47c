"""What the project ships for Dagster: nothing is reported to anyone, one writer at a time."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster_dg_core.utils.telemetry import get_telemetry_settings_for_cli

from dagster_defs.project import ROOT
from dagster_defs.resources import WRITER_POOL


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster with the settings that the project ships."""
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as made:
        yield made


def test_dagster_and_dg_report_nothing(instance: dg.DagsterInstance) -> None:
    assert not instance.telemetry_enabled
    assert not instance.nux_enabled
    assert not get_telemetry_settings_for_cli().dagster_telemetry_enabled


def test_dbt_reports_nothing() -> None:
    settings = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())

    assert settings["flags"]["send_anonymous_usage_stats"] is False


def test_make_ui_opens_dagster_with_these_settings_and_uploads_off() -> None:
    command = ["make", "--dry-run", "--print-data-base", "--assume-old=.venv/.installed", "ui"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    exported = dict(re.findall(r"^ui: (\w+) :?\??= (.*)$", told, flags=re.MULTILINE))

    assert exported["DAGSTER_HOME"] == str(ROOT / ".dagster")
    assert exported["DAGSTER_DISABLE_TELEMETRY"] == "yes"


def test_a_pool_admits_one_step_at_a_time(instance: dg.DagsterInstance) -> None:
    assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
    assert instance.event_log_storage.initialize_concurrency_limit_to_default(WRITER_POOL)
    assert instance.event_log_storage.get_concurrency_info(WRITER_POOL).slot_count == 1
