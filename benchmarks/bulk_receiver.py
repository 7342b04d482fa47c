"""A receiver in a process of its own: keeps each body it gets, one a line, in a log per path.

`python -m benchmarks.bulk_receiver DIR` prints its port and serves until its input closes.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

_MOST_BYTES = 64 * 2**20


def rows_per_key(log: Path, key: str) -> Counter[str]:
    """How often each key stands in a log."""
    found: Counter[str] = Counter()
    for line in _lines(log):
        found.update(row[key] for row in json.loads(line))
    return found


def _lines(log: Path) -> Iterable[bytes]:
    with log.open("rb") as stream:
        yield from stream


@contextmanager
def receiver(folder: Path) -> Generator[str]:
    """Run one; yields its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.bulk_receiver", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout and process.stdin  # noqa: S101  # pipes were asked for
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
            process.stdin.close()
        finally:
            process.terminate()


async def serve(folder: Path) -> None:
    """Listen on a free port, say which, and take bodies until the input closes."""

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        with (folder / f"{request.match_info['side']}.jsonl").open("ab") as log:
            log.write(body + b"\n")
        return web.json_response({"errors": []})

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_post("/{side}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
