"""A bare endpoint beside the collector: appends each body to a file, syncs it, and answers.

It looks at nothing: no key, no JSON, no clock, no duplicates. `python -m benchmarks.collecting_peer
FILE` prints the port that it listens on.
"""

import os
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from baton.serve.running import listen


def app(file: str) -> Starlette:
    """The endpoint, with a file of its own."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def take(request: Request) -> Response:
        os.write(descriptor, await request.body() + b"\n")
        os.fdatasync(descriptor)
        return PlainTextResponse("kept")

    return Starlette(routes=[Route(f"/v1/{one}", take, methods=["POST"]) for one in _PATHS])


_PATHS = ("track", "batch")

if __name__ == "__main__":
    opened = listen("127.0.0.1", 0)
    print(opened.getsockname()[1], flush=True)
    config = uvicorn.Config(app(sys.argv[1]), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[opened])
