"""Real servers on loopback ports whose answers a test chooses, and journals full of messages."""

import asyncio
import base64
import socket
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import yaml
from aiohttp import web
from aiosmtpd.smtp import SMTP

from activation import DestinationsConfig
from activation.config import DEFAULT_FILE
from baton.journal import HandedMessage

NOON = datetime(2026, 3, 2, 12, 0)
MINUTE = timedelta(minutes=1)
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 24+").decode()
PLANTED = ("ann1@mail.example", "+15550100201", "Ann-Sophie", "Oak & <Ash> kitchen")
VARIABLES = {
    "first_name": "Ann-Sophie",
    "product": "Oak & <Ash> kitchen",
    "quote_id": "Q-17",
    "value": 1234.5,
    "brand": "Shop",
}

_TYPICAL = HandedMessage(
    message_id="m1",
    candidate_id="c1",
    instance_id="i1",
    journey="quote_stalled",
    action="remind",
    release_id="r1",
    card_hash="h1",
    node_id="n1",
    person_id="p1",
    contact_point_id="cp1",
    channel="email",
    destination="shop_mail",
    message_class="marketing",
    brand="shop",
    template="quote_reminder",
    priority=10,
    expires_at=NOON + timedelta(days=2),
    consent_at=NOON - timedelta(days=30),
    variables=VARIABLES,
)


def mail(number=1, **changes):
    """A mail to its own person and address."""
    own = {"address": f"ann{number}@mail.example"}
    return replace(_TYPICAL, **(_person(f"m{number}", number) | own | changes))


def text(number=1, **changes):
    """A text message for the gateway."""
    own = {
        "address": f"+1555010020{number}",
        "channel": "sms",
        "destination": "sms_gateway",
        "template": "quote_reminder_sms",
    }
    return replace(_TYPICAL, **(_person(f"s{number}", number) | own | changes))


def task(number=1, **changes):
    """A task for a sales person: internal, no address."""
    own = {
        "address": None,
        "consent_at": None,
        "channel": "crm_task",
        "destination": "crm_tasks",
        "template": "sales_call",
        "message_class": "sales",
    }
    return replace(_TYPICAL, **(_person(f"t{number}", number) | own | changes))


def _person(message_id, number):
    return {
        "message_id": message_id,
        "candidate_id": f"c{number}",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
    }


def config(tmp_path, environment, **per_destination):
    """The shipped destinations.yml, with changes per destination: `shop_mail={...}`."""
    content = yaml.safe_load(DEFAULT_FILE.read_text("utf-8"))
    content["templates"] = str(DEFAULT_FILE.parent / "templates")
    for name in ("shop_mail", "sms_gateway", "crm_tasks"):
        content["destinations"][name]["limit"] = {"rate": 2000, "per_seconds": 1}
    for name, changes in per_destination.items():
        content["destinations"][name] |= changes
    file = tmp_path / "destinations.yml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    return DestinationsConfig.load(file, environment)


def closed_port():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def web_environment(port):
    """All webhooks on one port, and a mail server that is not there."""
    return {
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{port}/sms",
        "SMS_GATEWAY_SECRET": SECRET,
        "CRM_TASKS_URL": f"http://127.0.0.1:{port}/crm",
        "CRM_TASKS_SECRET": SECRET,
        "SERVICE_DESK_URL": f"http://127.0.0.1:{port}/desk",
        "SERVICE_DESK_SECRET": SECRET,
    } | mail_environment(closed_port())


def mail_environment(port):
    """The mail server at a port."""
    return {
        "SHOP_MAIL_HOST": "127.0.0.1",
        "SHOP_MAIL_PORT": str(port),
        "SHOP_MAIL_TLS": "none",
    }


@dataclass
class Seen:
    """What a server got, and a sign that something came."""

    requests: list = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def add(self, request):
        self.requests.append(request)
        self.arrived.set()


class LoopThread:
    """An event loop in a thread, for servers."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.port = self.run(self.start())
        return self

    def __exit__(self, *_):
        self.run(self.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=20)

    async def stop(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class WebServer(LoopThread):
    """Answers each request with the next of `answers` (the last one for ever).

    An answer is a status, a pair of status and headers, `hang`, `reset`, `slow` (half a second),
    or a function that returns one of them.
    """

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.seen = Seen()

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{name}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self):
        await super().stop()
        await self._runner.cleanup()

    async def _answer(self, request):
        body = await request.text()
        self.seen.add((request.match_info["name"], dict(request.headers), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer()
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "reset":
            request.transport.abort()
            return web.Response()
        if answer == "slow":
            await asyncio.sleep(0.5)
            answer = 204
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return web.Response(status=status, headers=headers)


class MailServer(LoopThread):
    """Answers RCPT and DATA with the next of the given lines; `hang` and `reset` as above."""

    def __init__(self, *, rcpt=("250 OK",), data=("250 OK",), login=None):
        super().__init__()
        self.login = login
        self.answers = {"rcpt": list(rcpt), "data": list(data)}
        self.seen = Seen()

    async def start(self):
        loop = asyncio.get_running_loop()
        options = {"authenticator": self.login, "auth_require_tls": False} if self.login else {}
        server = await loop.create_server(lambda: SMTP(self, loop=loop, **options), "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._answer("rcpt", server)

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        self.seen.add((envelope.rcpt_tos[0], envelope.content.decode()))
        return await self._answer("data", server)

    async def _answer(self, stage, server):
        lines = self.answers[stage]
        answer = lines.pop(0) if len(lines) > 1 else lines[0]
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "reset":
            server.transport.abort()
        return answer
