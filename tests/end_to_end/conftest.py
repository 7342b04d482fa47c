from contextlib import ExitStack

import pytest

from .day import play
from .harness import Shop
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
