"""One installation for all tests of this folder: parsing and the first build take their time."""

import pytest

from .shop import Shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """An installation that every run starts anew."""
    return Shop(tmp_path_factory.mktemp("shop"))
