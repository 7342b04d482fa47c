from collections.abc import Iterator
from pathlib import Path

import pytest
from landing_yard import Yard


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.con.close()
