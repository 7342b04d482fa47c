"""Tests of one folder share their built warehouses, so they run in one worker."""

import gc

import postgres_server
import pytest
from xdist.scheduler import LoadScopeScheduling

gc.set_threshold(50_000, 20, 20)  # manifests of dbt are large, and to walk them often takes long


class ByFolder(LoadScopeScheduling):
    """Hands whole folders of tests to the workers."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    """Group tests by their folder below tests/."""
    return ByFolder(config, log)


@pytest.fixture(scope="session")
def postgres():
    """A real PostgreSQL server, for the tests marked long; skipped where none is installed."""
    with postgres_server.running() as server:
        yield server
