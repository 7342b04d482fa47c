"""One retailer in production for some hours, from where what is planned is run for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from as_many import Stretch
from production import Production


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Production up to 16:30, and as it stood at 14:30."""
    folder: Path = tmp_path_factory.mktemp("production")
    yield Production(folder)


@pytest.fixture(scope="session")
def stretch() -> Stretch:
    """How long edits are really run; the first five of them are of every kind."""
    return Stretch(120, at_least=5)
