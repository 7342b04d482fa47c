"""A project and a warehouse of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from installations import Installation, installed
from release_projects import empty_warehouse, write_project


@pytest.fixture
def dbt_project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_warehouse() as warehouse:
        yield warehouse


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as opened:
        yield opened
