import pytest
from sync_ground import Warehouse

from baton.journal import Journal


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    with Journal.open(tmp_path_factory.mktemp("syncs") / "baton.journal.db") as opened:
        yield opened


@pytest.fixture
def warehouse():
    made = Warehouse()
    yield made
    made.con.close()


@pytest.fixture
def name(request):
    """A name of its own for the sync of each test: they share one journal."""
    return request.node.name
