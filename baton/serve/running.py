"""The service on a socket, until a signal asks it to end."""

import contextlib
import signal
import socket
from collections.abc import Generator
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from baton.errors import Busy, UsageError
from baton.serve.connections import Connection

_LAST_SECONDS = 10
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """A socket that already takes connections; port 0 finds a free one.

    Raises Busy when the port is taken, UsageError when the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise _cannot_listen(host, port, error) from error
    opened.listen()
    return opened


def run(app: Starlette, opened: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; requests that have begun are answered first.

    Requests are not logged: their paths hold tokens.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        http=Connection,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    _Server(config).run(sockets=[opened])


class _Server(uvicorn.Server):
    """Ends on a signal without raising it again: to be asked to end is no failure."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        before = {one: signal.signal(one, self._end) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def _cannot_listen(host: str, port: int, error: OSError) -> Busy | UsageError:
    if error.errno in (98, 48):  # address already in use, on Linux and on macOS
        return Busy(
            "the port is taken by another process",
            where=f"{host}:{port}",
            mend="choose another --port, or 0 for a free one",
        )
    return UsageError(
        "this address cannot be listened on",
        where=f"{host}:{port}",
        mend="give a --host of this machine, and a port you may open",
    )
