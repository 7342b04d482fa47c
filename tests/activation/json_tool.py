"""A real server on loopback that answers as a tool with JSON does, and what is told to it."""

import asyncio
import json
from dataclasses import dataclass, replace

from aiohttp import web
from loopback import NOON, LoopThread

from activation import DestinationsConfig
from activation.exchange import Change, Outgoing
from activation.transports import HttpTransport, http_session
from baton.journal import Claimed

SECRET = "a-secret-of-the-tests"


@dataclass(frozen=True)
class Got:
    """A request as it arrived."""

    method: str
    path: str
    query: dict
    headers: dict
    body: object


class JsonTool(LoopThread):
    """Answers each request with the next of `answers` (the last one for ever).

    An answer is a status, (status, JSON), (status, JSON, headers), `hang`, `reset`, or a function
    of the request that returns one of them.
    """

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.got = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self):
        await super().stop()
        await self._runner.cleanup()

    async def _answer(self, request):
        self.got.append(await _read(request))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(self.got[-1])
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "reset":
            request.transport.abort()
            return web.Response()
        status, content, headers = (*answer, None, None)[:3] if isinstance(answer, tuple) else (
            answer, None, None)  # fmt: skip
        text = "" if content is None else json.dumps(content)
        return web.Response(status=status, text=text, headers=headers)


async def _read(request):
    text = await request.text()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    return Got(request.method, request.path, dict(request.query), headers, body)


def destination(values, environ=None):
    """A destination with these settings, as destinations.yml would give it."""
    config = DestinationsConfig(None, 15, {"tool": values}, environ or {})
    return config.destination("tool")


def change(number=1, op="upsert", *, known_as=None, own_id=None, **fields):
    """A row with the key r<number>; the tool's id is `known_as`, the field external_id `own_id`."""
    own = {} if own_id is None else {"external_id": own_id}
    return Change(f"r{number}", op, own | fields, known_as)


def outgoing(number=1, *, parts=None, **changes):
    """A claimed message m<number> with rendered parts."""
    facts = {
        "message_id": f"m{number}",
        "attempt_id": f"a{number}",
        "candidate_id": f"c{number}",
        "instance_id": "i1",
        "journey": "quote_stalled",
        "action": "remind",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
        "contact_point_id": f"cp{number}",
        "channel": "email",
        "destination": "tool",
        "message_class": "marketing",
        "brand": "shop",
        "template": "quote_reminder",
        "tries": 0,
        "expires_at": NOON,
        "handed_at": NOON,
        "address": f"ann{number}@mail.example",
    }
    return Outgoing(Claimed(**(facts | changes)), parts or {"subject": "Your quote"})


def request_of(to, purpose, batch):
    """The request that would be sent."""
    return to.call(purpose).build(batch, to.settings, NOON)


def with_wrong(request, path, wrong):
    """The request with another value at a path of its body; `del` takes the field away."""
    body = json.loads(request.content)
    *outer, last = path
    place = body
    for step in outer:
        place = place[step]
    if wrong == "del":
        del place[last]
    else:
        place[last] = wrong
    return replace(request, content=json.dumps(body).encode())


def send(to, purpose, batch):
    """Send a batch over a socket; verdicts by item id."""
    call = to.call(purpose)
    response = asyncio.run(_exchange(request_of(to, purpose, batch)))
    return {one.item_id: one for one in call.verdicts(response, batch)}


def send_and_poll(to, purpose, batch, most=10):
    """The same, and the job that was accepted polled to its end; null when it has none."""
    call = to.call(purpose)
    response = asyncio.run(_exchange(request_of(to, purpose, batch)))
    job = call.job.id_of(response)
    for _ in range(most):
        response = asyncio.run(_exchange(call.job.build(job, to.settings)))
        verdicts = call.job.verdicts(response, batch)
        if verdicts is not None:
            return {one.item_id: one for one in verdicts}
        job = call.job.id_of(response) or job
    return None


def outcomes(verdicts):
    """Outcomes by item id."""
    return {name: verdict.outcome for name, verdict in verdicts.items()}


async def _exchange(request):
    async with http_session() as session:
        return (await HttpTransport(session).exchange(request)).response
