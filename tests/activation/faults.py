"""A receiver that misbehaves as told, and writes down what it got before it answers.

Its log is the evidence: one entry per request whose body it has read, with the time by its own
clock. Limits are fixed windows of that clock.
"""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web
from loopback import LoopThread

TOLERANCE_SECONDS = 0.05


@dataclass
class FixedWindow:
    """So many requests in each window of the receiver's clock, with a tolerance at its edges."""

    most: int
    seconds: float
    counts: Counter = field(default_factory=Counter)
    refused: int = 0

    def lets_in(self, at):
        """Whether a request may pass; near an edge it may count for the neighbouring window."""
        own = int(at / self.seconds)
        near = {own, int((at - TOLERANCE_SECONDS) / self.seconds)}
        for window in sorted(near):
            if self.counts[window] < self.most:
                self.counts[window] += 1
                return True
        self.refused += 1
        return False


class FaultServer(LoopThread):
    """Answers `POST /<name>/send` by `plan`, a function of the ids of a request, or 200.

    What the plan may say: a status; `(status, headers)`; `reset` once the body is read,
    `reset_before` reading it; `half` an answer; `slow`ly sent; `no_json`; `hang`; a dict of status
    by id (207); `job`. `GET /<name>/jobs/<id>` answers with `jobs[id]` (None: it runs),
    `GET /<name>/items/<id>` whether the item is among those `kept`, or with `lookup_status`.
    """

    def __init__(self, plan=lambda ids: 200, windows=()):
        super().__init__()
        self.plan = plan
        self.windows = list(windows)
        self.log = []
        self.lookups = []
        self.kept = Counter()
        self.jobs = {}
        self.job_answer = None
        self.lookup_status = None
        self.delay = None

    @property
    def ids(self):
        """How often each id was received."""
        return Counter(id_ for entry in self.log for id_ in entry["ids"])

    @property
    def sizes(self):
        return [len(entry["ids"]) for entry in self.log]

    def url(self, name="a"):
        return f"http://127.0.0.1:{self.port}/{name}/"

    async def start(self):
        app = web.Application()
        app.router.add_post("/{name}/send", self._send)
        app.router.add_get("/{name}/jobs/{job}", self._job)
        app.router.add_get("/{name}/items/{item}", self._item)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self):
        await super().stop()
        await self._runner.cleanup()

    async def _send(self, request):
        name, at = request.match_info["name"], time.monotonic()
        is_let_in = all(window.lets_in(at) for window in self.windows)
        if self.plan is None or self.plan(()) == "reset_before":
            request.transport.abort()
            return web.Response()
        body = await request.read()
        ids = [item["id"] for item in json.loads(body)["items"]] if body else []
        if not is_let_in:
            return web.Response(status=429, headers={"Retry-After": "1"})
        keys = [item.get("key", item["id"]) for item in json.loads(body)["items"]] if body else []
        self.log.append({"at": at, "name": name, "ids": ids, "keys": keys})
        if self.delay is not None:
            await asyncio.sleep(self.delay())
        return await self._by_plan(request, ids, self.plan(ids))

    async def _by_plan(self, request, ids, answer):
        if isinstance(answer, dict):
            self.kept.update(id_ for id_ in ids if answer.get(id_) == 200)
            items = [{"id": id_, "status": answer.get(id_, 200)} for id_ in ids]
            return web.json_response({"items": items}, status=207)
        if answer in (200, "reset", "half", "slow", "no_json", "hang", "job"):
            self.kept.update(ids)
        if answer == "reset":
            request.transport.abort()
            return web.Response()
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "job":
            self.jobs.setdefault("j1", None)
            return web.json_response({"job": "j1"}, status=202)
        if answer == "no_json":
            return web.Response(text="<html>sorry</html>")
        taken = json.dumps({"taken": [{"id": id_, "name": f"v-{id_}"} for id_ in ids]}).encode()
        if answer in ("half", "slow"):
            return await self._piecemeal(request, taken, ends=answer == "slow")
        if answer == 200:
            return web.Response(body=taken)
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return web.Response(status=status, headers=headers)

    async def _piecemeal(self, request, content, *, ends):
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        middle = len(content) // 2
        await response.write(content[:middle])
        if not ends:
            request.transport.abort()
            return response
        await asyncio.sleep(0.2)
        await response.write(content[middle:])
        return response

    async def _job(self, request):
        if self.job_answer is not None:
            status, headers = self.job_answer
            return web.Response(status=status, headers=headers)
        outcome = self.jobs.get(request.match_info["job"])
        if outcome is None:
            return web.Response(status=202)
        items = [{"id": id_, "status": status} for id_, status in outcome.items()]
        return web.json_response({"items": items}, status=207)

    async def _item(self, request):
        item = request.match_info["item"]
        self.lookups.append(item)
        if self.lookup_status == "reset":
            request.transport.abort()
        if isinstance(self.lookup_status, str):
            return web.Response()
        status = self.lookup_status or (200 if self.kept[item] else 404)
        return web.Response(status=status)
