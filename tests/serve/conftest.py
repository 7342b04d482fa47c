import pytest
from starlette.testclient import TestClient
from visitors import KEYS, NOW, READER, UNMASKER, own_link

from baton.journal import Journal
from baton.serve.app import create_app
from baton.serve.keys import ApiKeys
from baton.serve.patience import Patience
from baton.serve.settings import Settings
from baton.serve.texts import Texts


@pytest.fixture
def path(tmp_path):
    return tmp_path / "baton.journal.db"


@pytest.fixture
def journal(path):
    with Journal.open(f"sqlite:///{path}?timeout=0") as opened:
        opened.set_simulated_time(NOW)
        yield opened


@pytest.fixture
def settings():
    return Settings(
        links=KEYS,
        api_keys=ApiKeys.parse(f"{READER[1]} {UNMASKER[1]}"),
        texts=Texts.load(),
    )


@pytest.fixture
def client(journal, settings):
    app = create_app(journal, settings, Patience(seconds=0.2))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def token():
    return KEYS.sign(own_link())
