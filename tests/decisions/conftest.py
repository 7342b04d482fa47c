"""One parsed project, and a few played worlds, for all tests of this folder."""

from collections.abc import Sequence

import pytest

from .grounds import Grounds
from .playing import Played, played
from .worlds import World

# Between them, everything that `tally` asks for occurs.
_SEEDS = (1, 6, 9, 21)


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    """Where worlds are played."""
    return Grounds(tmp_path_factory.mktemp("decisions"))


@pytest.fixture(scope="session")
def few(grounds: Grounds) -> Sequence[Played]:
    """The same few worlds each time, with thousands of persons in windows."""
    found: list[Played] = []
    for seed in _SEEDS:
        with grounds.warehouse() as warehouse:
            found.append(played(World(seed), warehouse))
    return found
