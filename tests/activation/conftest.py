import pytest
from loopback import NOON

from baton.journal import Journal


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / "baton.journal.db") as opened:
        opened.set_simulated_time(NOON)
        yield opened
