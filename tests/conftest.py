"""Tests of one folder share their built warehouses, so they run in one worker."""

import gc
import time
from collections import Counter

import postgres_server
import pytest
from xdist.scheduler import LoadScopeScheduling

_SINCE, _LONG_ENOUGH = time.monotonic(), 45 * 60
gc.set_threshold(50_000, 20, 20)  # manifests of dbt are large, and to walk them often takes long


class ByFolder(LoadScopeScheduling):
    """Hands whole folders of tests to the workers, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return _folder(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    """Group tests by their folder below tests/."""
    config.option.loadscopereorder = False
    return ByFolder(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """On a slow machine leave out more of the same, so that the run comes to its end."""
    if item.get_closest_marker("more") and time.monotonic() - _SINCE > _LONG_ENOUGH:
        pytest.skip("the run has taken 45 minutes; fewer cases of this were tried")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put folders that may take longest first, so that no worker ends long after the other.

    What a test may take is the limit that it names; those without one take seconds.
    """
    seconds = Counter[str]()
    for item in items:
        limit = item.get_closest_marker("timeout")
        seconds[_folder(item.nodeid)] += limit.args[0] if limit else 2
    items.sort(key=lambda item: -seconds[_folder(item.nodeid)])


def _folder(nodeid: str) -> str:
    return nodeid.split("/")[1]


@pytest.fixture(scope="session")
def postgres():
    """A real PostgreSQL server, for the tests marked long; skipped where none is installed."""
    with postgres_server.running() as server:
        yield server
