"""A proxy between sender and server that loses answers and lets others act in between."""

import asyncio
import threading

import aiohttp
from aiohttp import web


class Between:
    """Passes requests on to `target`, and counts them by method, path and status.

    `lose(method, path)` drops the answer to the next such request after the server has acted;
    `refuse(method, path)` answers the next such request with 503, and the server never sees it;
    `meanwhile(method, path, act)` calls `act` once, after the server has answered such a request.
    With `keeps_host` the server sees the host that was asked for, as signatures need it.
    """

    def __init__(self, target, *, keeps_host=False):
        self._target = target
        self._dropped = set() if keeps_host else {"host"}
        self._losses = []
        self._refusals = []
        self._acts = []
        self.passed = []

    def lose(self, method, path):
        self._losses.append((method, path))

    def refuse(self, method, path):
        self._refusals.append((method, path))

    def meanwhile(self, method, path, act):
        self._acts.append((method, path, act))

    def count(self, method, path, status=None):
        return sum(
            1
            for one in self.passed
            if one[0] == method and one[1].startswith(path) and status in (None, one[2])
        )

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._port = self._run(self._start())
        return self

    def __exit__(self, *_):
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _start(self):
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, auto_decompress=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def _stop(self):
        await self._session.close()
        await self._runner.cleanup()

    async def _pass(self, request):
        if self._taken(self._refusals, request):
            self.passed.append((request.method, request.path, 503))
            return web.Response(status=503)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in self._dropped}
        url = self._target + request.raw_path
        body = await request.read()
        async with self._session.request(
            request.method, url, data=body or None, headers=headers
        ) as answer:
            content, status = await answer.read(), answer.status
            passed_on = _KEPT | ({"content-length"} if request.method == "HEAD" else set())
            kept = {k: v for k, v in answer.headers.items() if k.lower() in passed_on}
        self.passed.append((request.method, request.path, status))
        for act in self._taken(self._acts, request):
            await asyncio.get_running_loop().run_in_executor(None, act[2])
        if self._taken(self._losses, request):
            request.transport.abort()
        return web.Response(status=status, body=content, headers=kept)

    @staticmethod
    def _taken(planned, request):
        due = [one for one in planned if one[0] == request.method and request.path == one[1]][:1]
        for one in due:
            planned.remove(one)
        return due


_KEPT = {"content-type", "etag", "last-modified", "retry-after", "location"}
