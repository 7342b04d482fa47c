"""Real servers, each a process of its own; `make test-long` installs them into .venv-servers."""

import os
from pathlib import Path

import pytest
from running_servers import Installed

from baton.journal import Journal

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def installed():
    """The Python of .venv-servers; skips where the servers could not be installed."""
    home = Path(os.environ.get("BATON_SERVERS", ROOT / ".venv-servers"))
    if not (home / ".installed").exists():
        pytest.skip("no servers in .venv-servers: `make servers` installs them, offline it cannot")
    return Installed(home)


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / "baton.journal.db") as opened:
        yield opened
