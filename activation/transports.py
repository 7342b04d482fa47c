"""The edge: requests become bytes, answers and failures become responses."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import aiohttp

from activation.authorizing import Authorizer
from activation.exchange import (
    AwsKeys,
    Exchange,
    Failure,
    HttpAnswer,
    HttpRequest,
    MailRequest,
    Request,
    Response,
    Staged,
)
from activation.mail import MailTransport
from activation.signing import signed
from baton.journal.clock import wall_clock

MOST_BYTES = 8 * 2**20


class HttpTransport:
    """HTTP by a given aiohttp session, made by `http_session`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._authorizer = Authorizer(self._send)

    async def exchange(self, request: HttpRequest) -> Exchange:
        """Send one request. A failure before the headers left is `not_sent`, else ambiguous."""
        if isinstance(request.grant, AwsKeys):
            return await self._send(signed(request, request.grant))
        if request.grant is not None:
            return await self._authorizer.exchange(request, request.grant)
        return await self._send(request)

    async def _send(self, request: HttpRequest) -> Exchange:
        stamp: dict[str, datetime] = {}
        try:
            async with self._session.request(
                request.method,
                request.url,
                data=request.content or None,
                headers=dict(request.headers),
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
                trace_request_ctx=stamp,
            ) as answer:
                content, is_whole = await _read(answer)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                response = HttpAnswer(answer.status, headers, content, is_whole)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            kind = "ambiguous" if stamp else "not_sent"
            return Exchange(Failure(kind, _name(error)), stamp.get("sent_at"), wall_clock())
        return Exchange(response, stamp.get("sent_at"), wall_clock())


class Transports:
    """Every transport behind one call."""

    def __init__(self, http: HttpTransport, mail: MailTransport) -> None:
        self._http = http
        self._mail = mail

    async def exchange(self, request: Request) -> Exchange:
        """Send a request by the transport it belongs to."""
        if isinstance(request, MailRequest):
            return await self._mail.exchange(request)
        if isinstance(request, Staged):
            return await self._staged(request)
        return await self._http.exchange(request)

    async def _staged(self, request: Staged) -> Exchange:
        """Ask first, then go on; `sent_at` is that of the last request, null when it never left."""
        asked = await self._http.exchange(request.first)
        if isinstance(asked.response, HttpAnswer):
            following = request.then(asked.response)
            if isinstance(following, HttpRequest | Staged):
                return await self.exchange(following)
            return Exchange(following, None, asked.answered_at)
        return Exchange(Failure("not_sent", _detail(asked.response)), None, asked.answered_at)


@asynccontextmanager
async def open_transports() -> AsyncGenerator[Transports]:
    """Transports with their own connections, closed at the end."""
    mail = MailTransport()
    async with http_session() as session:
        try:
            yield Transports(HttpTransport(session), mail)
        finally:
            await mail.close()


def http_session() -> aiohttp.ClientSession:
    """A session that notes when the first bytes of a request have left; limits are elsewhere.

    It sends nothing again by itself, as aiohttp would a GET, PUT or DELETE whose connection broke:
    whether that may be is the journal's to say.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    connector = aiohttp.TCPConnector(limit=0)
    session = aiohttp.ClientSession(connector=connector, trace_configs=[trace])
    session._retry_connection = False  # pyright: ignore[reportPrivateUsage]  # no other way
    return session


async def _note_sent(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any
) -> None:
    context.trace_request_ctx["sent_at"] = wall_clock()


async def _read(answer: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """The whole body, or its first `MOST_BYTES`; the rest is not waited for."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            answer.close()
            return b"".join(parts)[:MOST_BYTES], False
    return b"".join(parts), True


def _detail(response: Response) -> str:
    return f"look_up {response.detail}" if isinstance(response, Failure) else "look_up"


def _name(error: BaseException) -> str:
    return f"http {type(error).__name__}"
