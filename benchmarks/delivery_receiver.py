"""A receiver of webhooks in a process of its own: `python -m benchmarks.delivery_receiver LOG`.

Prints its port; writes a line of JSON for each request, with the time by its own clock and the
`webhook-id`, before it answers 204. Ends on SIGTERM.
"""

import json
import socket
import sys
import time
from pathlib import Path

from aiohttp import web


def main(log: Path) -> None:
    """Serve until stopped."""
    with log.open("w", buffering=1 << 16) as stream:

        async def take(request: web.Request) -> web.Response:
            await request.read()
            entry = {"at": time.time(), "id": request.headers["webhook-id"]}
            stream.write(json.dumps(entry) + "\n")
            return web.Response(status=204)

        app = web.Application()
        app.router.add_post("/", take)
        opened = socket.create_server(("127.0.0.1", 0), backlog=1024)
        print(opened.getsockname()[1], flush=True)
        web.run_app(app, sock=opened, print=None, access_log=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
