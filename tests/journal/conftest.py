import shutil

import pytest
from handed import NOON, open_at_once

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


@pytest.fixture(scope="session")
def new_journal_database(postgres):
    """The same on PostgreSQL, by name."""
    name = "empty_journal"
    postgres.run(f"create database {name}")
    Journal.open(postgres.url(name)).close()
    return name


@pytest.fixture
def database(postgres, new_journal_database):
    """The URL of an empty journal on PostgreSQL."""
    with postgres.database(new_journal_database) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def store(request):
    """The kind of database."""
    return request.param


@pytest.fixture
def target(request, store):
    """An empty journal on either store: a path or a URL."""
    return request.getfixturevalue("path" if store == "sqlite" else "database")


@pytest.fixture
def journal(target):
    with open_at_once(target) as opened:
        opened.set_simulated_time(NOON)
        yield opened
