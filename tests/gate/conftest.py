"""One retailer in production for some hours, from where what is planned is run for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from production import Production


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Production up to 16:30, and as it stood at 14:30."""
    folder: Path = tmp_path_factory.mktemp("production")
    yield Production(folder)
