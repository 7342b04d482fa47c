import shutil

import pytest
from handed import NOON

from baton.journal import Journal


@pytest.fixture(scope="session")
def new_journal_file(tmp_path_factory):
    """An empty journal at head, to be copied."""
    path = tmp_path_factory.mktemp("journal") / "empty.db"
    Journal.open(path).close()
    return path


@pytest.fixture
def path(tmp_path, new_journal_file):
    return shutil.copy(new_journal_file, tmp_path / "baton.journal.db")


@pytest.fixture
def journal(path):
    with Journal.open(path) as opened:
        opened.set_simulated_time(NOON)
        yield opened
