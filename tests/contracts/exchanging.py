"""A vendor on a loopback port: answers each request in turn, and keeps what it saw."""

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web

from activation.transports import open_transports


@asynccontextmanager
async def _serving(answers, seen):
    async def reply(request):
        body = await request.read()
        seen.append((request.method, request.path_qs, body.decode()))
        status, content = answers.pop(0)
        return web.Response(status=status, body=content)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", reply)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def exchanged(build, *answers):
    """What came of `build(url)` sent to a vendor, and the requests that it saw."""
    seen = []

    async def run():
        async with _serving(list(answers), seen) as url, open_transports() as transports:
            return await transports.exchange(build(url))

    return asyncio.run(run()), seen
