import sqlite3
import threading

import httpx
import pytest
import uvicorn
from claiming import claim_once
from providers import NOW, Caller, config
from topic import Topic

from activation.receiving import reporters
from baton.journal import Answer, Journal, Verdict
from baton.links import LinkKeys
from baton.serve import running
from baton.serve.app import create_app
from baton.serve.connections import Connection
from baton.serve.keys import ApiKeys
from baton.serve.patience import Patience
from baton.serve.receipts import Inbox
from baton.serve.settings import Settings
from baton.serve.texts import Texts

_LINK_KEYS = LinkKeys("a-key-of-the-tests-long-enough-to-be-one")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "baton.journal.db"


@pytest.fixture
def journal(path):
    with Journal.open(f"sqlite:///{path}?timeout=0") as opened:
        opened.set_simulated_time(NOW)
        yield opened


@pytest.fixture
def landing(tmp_path):
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def texts():
    return Texts.load()


class _Served:
    """The application that a running server serves now."""

    app = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def server():
    """A real server on a loopback port, for one application after the other."""
    served = _Served()
    opened = running.listen("127.0.0.1", 0)
    running_server = uvicorn.Server(
        uvicorn.Config(served, http=Connection, lifespan="off", ws="none", log_level="error")
    )
    thread = threading.Thread(target=running_server.run, kwargs={"sockets": [opened]})
    thread.start()
    yield served, f"http://127.0.0.1:{opened.getsockname()[1]}"
    running_server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def _topic():
    return Topic()


@pytest.fixture
def topic(_topic):
    """A topic of SNS; what it has behind its addresses may be changed for one test."""
    before = dict(_topic.contents)
    _topic.visited.clear()
    yield _topic
    _topic.contents = before


@pytest.fixture
def url(journal, landing, texts, server, topic):
    """Where the real service of one test listens on loopback."""
    served, where = server
    inbox = Inbox(reporters(config()), landing, topic.fetch)
    settings = Settings(links=_LINK_KEYS, api_keys=ApiKeys.parse(""), texts=texts, inbox=inbox)
    served.app = create_app(journal, settings, Patience(seconds=0.2))
    return where


@pytest.fixture(scope="module")
def client(server):
    """A client that opens a connection for each request."""
    each_anew = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=server[1], limits=each_anew) as opened:
        yield opened


@pytest.fixture
def calls(url, client):
    """Providers that call the service, through a proxy that they know by its public name."""
    return Caller(client)


@pytest.fixture
def blocks(path):
    """The blocks in the journal, in short."""

    def read():
        with sqlite3.connect(path) as connection:
            return connection.execute(
                "select channel, kind, purpose, stated_at from address_blocks order by seq"
            ).fetchall()

    return lambda: [(one[0], one[1], one[2]) for one in read()]


@pytest.fixture
def accept(journal):
    """Hands a message over, claims it and records that the tool has taken it."""

    def take(message, state="accepted", **more):
        journal.hand_over([message], checked_at=NOW)
        (one,) = claim_once(journal, message.destination, 1, NOW)
        if state != "claimed":
            verdict = Verdict(one.message_id, state, **more)
            journal.record([Answer(one.attempt_id, state, (verdict,))], NOW)
        return one

    return take


@pytest.fixture
def receiving(journal, landing, calls, blocks):
    """Journal, landing folder, callers and blocks."""
    return journal, landing, calls, blocks
