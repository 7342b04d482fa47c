import shutil
from contextlib import ExitStack

import pytest

from .day import play
from .harness import Shop
from .learned import learn
from .stories import customers


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The repository's dbt project, parsed once."""
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def before_sending(tmp_path_factory):
    """Where the day leaves a copy of its stores from before the first sending."""
    return tmp_path_factory.mktemp("before") / "sending"


@pytest.fixture(scope="session")
def day(shop, before_sending, tmp_path_factory):
    """One day in which all stories happen."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("day")
        installation = stack.enter_context(shop.open(folder, customers()))
        yield play(installation, before_sending)


@pytest.fixture(scope="session")
def at_the_root(shop, day, before_sending):
    """The stores from before the first sending, where dbt's parse of the project can be reused."""
    shutil.copytree(before_sending, shop.root, dirs_exist_ok=True)
    return shop.root


@pytest.fixture
def waiting(day, before_sending, tmp_path):
    """The variables of stores in which messages wait for being sent."""
    stores = shutil.copytree(before_sending, tmp_path / "stores")
    return {
        "BATON_WAREHOUSE": str(stores / "baton.duckdb"),
        "BATON_JOURNAL": str(stores / "baton.journal.db"),
        "BATON_LANDING": str(stores / "landing"),
    }


@pytest.fixture(scope="session")
def learned(shop, tmp_path_factory):
    """Stores after three batches, from which the hot path has learned its plan."""
    return learn(shop, tmp_path_factory.mktemp("learned"))


@pytest.fixture
def knowing(shop, learned, tmp_path):
    """An installation of its own at that point."""
    with learned.reopen(shop, tmp_path / "knowing") as installation:
        yield installation
