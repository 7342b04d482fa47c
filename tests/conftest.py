"""Tests of one folder share their built warehouses, so they run in one worker."""

from pathlib import Path

import postgres_server
import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group tests by their first folder."""
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture(scope="session")
def postgres():
    """A real PostgreSQL server, for the tests marked long; skipped where none is installed."""
    with postgres_server.running() as server:
        yield server
