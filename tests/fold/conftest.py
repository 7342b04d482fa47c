"""One parsed project, and a few played worlds, for all tests of this folder."""

from collections.abc import Sequence

import pytest

from .grounds import Grounds
from .playing import Played
from .worlds import worlds


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    """Where worlds are played."""
    return Grounds(tmp_path_factory.mktemp("fold"))


@pytest.fixture(scope="session")
def few(grounds: Grounds) -> Sequence[Played]:
    """The same few worlds each time, with thousands of histories."""
    return [grounds.play(world) for world in worlds(1, 4)]
