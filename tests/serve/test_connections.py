import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from baton.serve import bodies
from baton.serve.app import create_app
from baton.serve.connections import Connection


@pytest.fixture
def talk(journal, settings, token):
    """What the service answers to bytes on a new connection, until it ends the connection."""

    async def serve(said, kind):
        state = ServerState()
        config = uvicorn.Config(create_app(journal, settings), lifespan="off", ws="none")
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: kind(config, state, {}), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(said.replace(b"TOKEN", token.encode()))
            answer = await asyncio.wait_for(reader.read(), 30)
            writer.close()
        return answer

    return lambda said, **limits: asyncio.run(serve(said, type("Limited", (Connection,), limits)))


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"])
def test_a_connection_that_sends_no_whole_request_is_ended(talk, said):
    assert talk(said, header_seconds=0.05) == b""


def test_a_body_that_does_not_come_is_not_waited_for(talk, monkeypatch):
    monkeypatch.setattr(bodies, "_LONGEST_SECONDS", 0.05)
    said = b"POST /u/TOKEN HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"
    assert talk(said).startswith(b"HTTP/1.1 408 ")


def test_a_connection_too_many_is_told_when_to_try_again(talk):
    answer = talk(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", at_once=0)
    assert answer.startswith(b"HTTP/1.1 503 ")
    for header in (b"retry-after: 5", b"referrer-policy: no-referrer", b"connection: close"):
        assert header in answer
