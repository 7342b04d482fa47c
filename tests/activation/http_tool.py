"""A tool with an HTTP API on a loopback port, and destinations that are configured for it."""

import json
from dataclasses import dataclass, replace

import yaml
from aiohttp import web
from loopback import LoopThread, task

from activation import DestinationsConfig
from activation.config import DEFAULT_FILE
from activation.exchange import Change, Outgoing
from activation.transports import open_transports
from baton.journal import Claimed

LIMIT = {"rate": 1000, "per_seconds": 1, "concurrency": 4}


@dataclass
class Asked:
    """A request as the tool saw it; `path` is raw, still percent-encoded."""

    method: str
    path: str
    query: dict
    headers: dict
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Tool(LoopThread):
    """Answers with what `react(asked)` returns: a status, or status and JSON, or and headers."""

    def __init__(self, react=lambda _asked: 200):
        super().__init__()
        self.react = react
        self.asked = []

    async def start(self):
        app = web.Application()
        app.router.add_route("*", r"/{path:[\s\S]*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self):
        await super().stop()
        await self._runner.cleanup()

    async def _answer(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(
            request.method,
            request.rel_url.raw_path,
            dict(request.query),
            headers,
            await request.text(),
        )
        self.asked.append(asked)
        answer = self.react(asked)
        if answer == "reset":
            request.transport.abort()
            return web.Response()
        status, content, extra = (*_tuple(answer), None, None)[:3]
        text = content if isinstance(content, str) else json.dumps(content)
        return web.Response(status=status, text=text if content is not None else "", headers=extra)

    def exchange(self, request):
        """Carry a request, staged or not."""

        async def carry():
            async with open_transports() as transports:
                return await transports.exchange(request)

        return self.run(carry())


def _tuple(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def load(tmp_path, port, /, **keys):
    """The destination `tool`, of type http, with these keys."""
    base = {"type": "http", "base_url": f"http://127.0.0.1:{port}/api", "limit": LIMIT}
    content = {"templates": str(DEFAULT_FILE.parent / "templates"), "destinations": {}}
    content["destinations"]["tool"] = {**base, **keys}
    file = tmp_path / "destinations.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return DestinationsConfig.load(file, {"TOOL_TOKEN": "s3cret-token"})


def destination(tmp_path, port=9, /, **keys):
    """The same, resolved."""
    return load(tmp_path, port, **keys).destination("tool")


def change(number=1, op="upsert", **fields):
    """A row of a sync."""
    given = fields or {"email": f"ann{number}@mail.example", "name": "Ann"}
    return Change(f"k{number}", op, given)


def outgoing(**changes):
    """A claimed task with its texts."""
    handed = task()
    shared = {
        name: getattr(handed, name)
        for name in Claimed.__dataclass_fields__
        if hasattr(handed, name)
    }
    own = {"attempt_id": "a1", "tries": 0, "handed_at": handed.expires_at}
    claimed = replace(Claimed(**{**shared, **own}), **changes)
    return Outgoing(claimed, {"title": "Call Ann", "text": "She asked."}, None)
