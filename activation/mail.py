"""Mail transport: SMTP transactions on connections that are kept between messages."""

import re
from datetime import datetime

import aiosmtplib
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from activation.exchange import Exchange, Failure, MailAnswer, MailRequest, MailServer
from baton.journal.clock import wall_clock

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")
_PERMANENT_OR_LATER = 400


class _Progress:
    """How far a transaction has come, for judging a failure."""

    def __init__(self) -> None:
        self.sent_at: datetime | None = None
        self.in_data = False


class MailTransport:
    """SMTP connections by server, reused while they answer."""

    def __init__(self) -> None:
        self._idle: dict[MailServer, list[SMTP]] = {}

    async def exchange(self, request: MailRequest) -> Exchange:
        """Hand in one mail. A failure before DATA is `not_sent`, from DATA on ambiguous.

        A refused login is answered as a refusal at MAIL: no byte of the mail has left.
        """
        progress = _Progress()
        try:
            client = await self._connected(request.server)
            answer = await self._transaction(client, request, progress)
        except SMTPAuthenticationError as error:
            refused = MailAnswer("mail", error.code, _enhanced(error.message))
            return Exchange(refused, None, wall_clock())
        except (SMTPException, OSError, TimeoutError) as error:
            kind = "ambiguous" if progress.in_data else "not_sent"
            failure = Failure(kind, f"smtp {type(error).__name__}")
            return Exchange(failure, progress.sent_at, wall_clock())
        return Exchange(answer, progress.sent_at, wall_clock())

    async def close(self) -> None:
        """Say QUIT on all connections."""
        clients = [client for idle in self._idle.values() for client in idle]
        self._idle.clear()
        for client in clients:
            await _quit(client)

    async def _connected(self, server: MailServer) -> SMTP:
        idle = self._idle.get(server, [])
        while idle:
            client = idle.pop()
            if client.is_connected:
                return client
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            timeout=server.timeout,
        )
        await client.connect()
        return client

    async def _transaction(
        self, client: SMTP, request: MailRequest, progress: _Progress
    ) -> MailAnswer:
        try:
            answer = await _deliver(client, request, progress)
            if answer.code >= _PERMANENT_OR_LATER:
                await _reset(client)
        except BaseException:
            client.close()
            raise
        if client.is_connected:
            self._idle.setdefault(request.server, []).append(client)
        return answer


async def _deliver(client: SMTP, request: MailRequest, progress: _Progress) -> MailAnswer:
    progress.sent_at = wall_clock()
    stage = "mail"
    try:
        await client.mail(request.sender)
        stage = "rcpt"
        await client.rcpt(request.recipient)
        stage = "data"
        progress.in_data = True
        done = await client.data(request.content)
    except SMTPResponseException as error:
        return MailAnswer(stage, error.code, _enhanced(error.message))
    return MailAnswer(stage, done.code, _enhanced(done.message))


async def _reset(client: SMTP) -> None:
    try:
        await client.rset()
    except (SMTPException, OSError, TimeoutError):
        client.close()


async def _quit(client: SMTP) -> None:
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()


def _enhanced(text: str) -> str:
    found = _ENHANCED.match(text.strip())
    return found[1] if found else ""
