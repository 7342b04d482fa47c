"""The outside world of the example: a mail server and a webhook receiver on loopback ports.

They write what they got: mails as `.eml`, every event as a line of `received.jsonl`, and
`inbox.html` for people.
"""

import asyncio
import base64
import json
import logging
import re
import secrets
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as email_policy
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook, WebhookVerificationError

_HOST = "127.0.0.1"
_WEBHOOKS = ("sms_gateway", "crm_tasks", "service_desk")
_PAGE_DELAY_SECONDS = 0.5


class Receivers:
    """Receivers that run in a thread of this process while the context lasts.

    `mailboxes` names a JSON file: `{"reject": [addresses], "defer_once": [addresses]}`.
    `environment` holds the variables that destinations.yml asks for.
    """

    def __init__(self, directory: Path, mailboxes: Path | None = None) -> None:
        self.log = ReceiverLog(directory)
        self.environment: dict[str, str] = {}
        self._rules = _read_rules(mailboxes)
        self._secrets = {name: _new_secret() for name in _WEBHOOKS}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._mail_server: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log addresses
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.log.write_inbox()

    async def _start(self) -> None:
        mailboxes = Mailboxes(self._rules, self.log)
        loop = asyncio.get_running_loop()
        self._mail_server = await loop.create_server(
            lambda: SMTP(mailboxes, hostname="localhost", loop=loop), _HOST, 0
        )
        self._runner = web.AppRunner(_webhook_app(self.log, self._secrets))
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, 0)
        await site.start()
        mail_port = self._mail_server.sockets[0].getsockname()[1]
        self.environment = {
            "SHOP_MAIL_HOST": _HOST,
            "SHOP_MAIL_PORT": str(mail_port),
            "SHOP_MAIL_TLS": "none",
            "RETAIL_DROP_DIRECTORY": str(self.log.directory / "drop"),
            **_webhook_environment(self._runner.addresses[0][1], self._secrets),
        }

    async def _stop(self) -> None:
        if self._mail_server is not None:
            self._mail_server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class ReceiverLog:
    """What was received: `received.jsonl`, `mails/*.eml` and `inbox.html` in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._mails = directory / "mails"
        self._mails.mkdir(parents=True, exist_ok=True)
        earlier = sorted(self._mails.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        self._cards = [_mail_card(_parsed(file.read_bytes())) for file in earlier]
        self._page_is_due = False

    def add(self, kind: str, status: str, **facts: object) -> None:
        """Append one event with the wall time, UTC."""
        at = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        event = {"at": at, "kind": kind, "status": status, **facts}
        with (self.directory / "received.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(event, ensure_ascii=False) + "\n")

    def keep_mail(self, message_id: str, content: bytes) -> str:
        """Store a mail; a second one of the same id gets a number. Returns the file's name."""
        stem = re.sub(r"[^A-Za-z0-9_-]", "_", message_id) or "mail"
        file, number = self._mails / f"{stem}.eml", 1
        while file.exists():
            number += 1
            file = self._mails / f"{stem}.{number}.eml"
        file.write_bytes(content)
        self._cards.append(_mail_card(_parsed(content)))
        self._plan_page()
        return file.name

    def events(self) -> list[dict[str, Any]]:
        """All events so far, in order of arrival."""
        file = self.directory / "received.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    def write_inbox(self) -> None:
        """Write the page that shows every mail, newest first."""
        cards = "\n".join(reversed(self._cards))
        page = _PAGE.format(count=len(self._cards), cards=cards)
        (self.directory / "inbox.html").write_text(page, "utf-8")
        self._page_is_due = False

    def _plan_page(self) -> None:
        if not self._page_is_due:
            self._page_is_due = True
            asyncio.get_running_loop().call_later(_PAGE_DELAY_SECONDS, self.write_inbox)


class Mailboxes:
    """Hooks of the mail server: refuses, defers once, or keeps."""

    def __init__(self, rules: Mapping[str, frozenset[str]], log: ReceiverLog) -> None:
        self._rules = rules
        self._log = log
        self._deferred: set[str] = set()

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Answer for one recipient."""
        mailbox = address.casefold()
        if mailbox in self._rules["reject"]:
            self._log.add("mail", "refused", recipient=address)
            return "550 5.1.1 User unknown"
        if mailbox in self._rules["defer_once"] and mailbox not in self._deferred:
            self._deferred.add(mailbox)
            self._log.add("mail", "deferred", recipient=address)
            return "451 4.2.1 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        header = str(_parsed(content)["Message-ID"] or "")
        message_id = header.strip("<>").split("@")[0]
        file = self._log.keep_mail(message_id, content)
        for recipient in envelope.rcpt_tos:
            facts = {"message_id": message_id, "message_id_header": header, "file": file}
            self._log.add("mail", "accepted", recipient=recipient, **facts)
        return "250 2.0.0 Queued"


def _webhook_app(log: ReceiverLog, secrets_of: Mapping[str, str]) -> web.Application:
    seen: set[tuple[str, str]] = set()

    async def receive(request: web.Request) -> web.Response:
        receiver = request.match_info["receiver"]
        if receiver not in secrets_of:
            return web.Response(status=404)
        body = await request.read()
        id_ = request.headers.get("webhook-id", "")
        try:
            content = Webhook(secrets_of[receiver]).verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError):
            log.add(receiver, "refused", webhook_id=id_)
            return web.Response(status=401)
        status = "repeated" if (receiver, id_) in seen else "accepted"
        seen.add((receiver, id_))
        log.add(receiver, status, webhook_id=id_, message_id=id_, **_webhook_facts(content))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{receiver}", receive)
    return app


def _webhook_facts(content: Mapping[str, Any]) -> dict[str, object]:
    data = content.get("data", {})
    return {"type": content.get("type"), "recipient": data.get("to"), "data": data}


def _webhook_environment(port: int, secrets_of: Mapping[str, str]) -> dict[str, str]:
    urls = {f"{name.upper()}_URL": f"http://{_HOST}:{port}/{name}" for name in secrets_of}
    return urls | {f"{name.upper()}_SECRET": secret for name, secret in secrets_of.items()}


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _read_rules(mailboxes: Path | None) -> dict[str, frozenset[str]]:
    content = json.loads(mailboxes.read_text("utf-8")) if mailboxes else {}
    names = ("reject", "defer_once")
    return {name: frozenset(a.casefold() for a in content.get(name, [])) for name in names}


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=email_policy)


def _mail_card(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    heads = "".join(
        f"<dt>{name}</dt><dd>{escape(str(mail[name] or ''))}</dd>"
        for name in ("To", "From", "Date")
    )
    title = escape(str(mail["Subject"] or ""))
    return f"<article><h2>{title}</h2><dl>{heads}</dl><pre>{escape(text)}</pre></article>"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Inbox</title>
<style>
body {{ font-family: sans-serif; line-height: 1.5; max-width: 48em; margin: 2em auto; }}
article {{ border: 1px solid #ccc; border-radius: 6px; padding: 1em; margin: 1em 0; }}
h2 {{ margin: 0; font-size: 1.1em; }}
dl {{ display: grid; grid-template-columns: 4em 1fr; margin: .5em 0; color: #555; }}
dd {{ margin: 0; }}
pre {{ white-space: pre-wrap; font: inherit; }}
</style>
</head>
<body>
<h1>Inbox: {count} mails received</h1>
{cards}
</body>
</html>
"""
