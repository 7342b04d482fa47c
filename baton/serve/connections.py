"""Connections that say nothing are ended, so that they cannot keep others out."""

import asyncio
from typing import Any

from starlette.responses import PlainTextResponse
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from baton.serve import pages
from baton.serve.patience import RETRY_AFTER_SECONDS

AT_ONCE = 256
_FULL = PlainTextResponse(
    "The service is busy. Try again in a few seconds.\n",
    503,
    {**pages.HEADERS, "retry-after": str(RETRY_AFTER_SECONDS), "connection": "close"},
)


class Connection(HttpToolsProtocol):
    """One that has a bounded time to send the headers of a request."""

    header_seconds = 10.0
    at_once = AT_ONCE
    _until_headers: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait; beyond the number of connections at once nothing else is answered."""
        super().connection_made(transport)
        if len(self.connections) > self.at_once:
            self.app = _FULL
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait no longer once there is a request, and again for what comes after its answer."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle and not cycle.response_complete:
            self._wait_no_longer()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._until_headers is None:
            self._until_headers = self.loop.call_later(self.header_seconds, self.transport.close)

    def _wait_no_longer(self) -> None:
        if self._until_headers is not None:
            self._until_headers.cancel()
            self._until_headers = None
