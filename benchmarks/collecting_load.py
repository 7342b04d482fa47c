"""A load on a collector, from a process of its own: requests over kept connections.

`python -m benchmarks.collecting_load` reads one JSON object, `Load`, from standard input and prints
one, what came of it. Nothing but bytes is handled here, so that the load costs little beside what
it measures. With a rate a request counts from when it was due: a load that lags hides nothing.
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

CONNECTIONS = 64
_EVENT = (
    '{"type":"track","messageId":"%s","userId":"u%d","anonymousId":"d%d","event":"product_view",'
    '"properties":{"product":"gift_hamper","value":120.0,"path":"/gifts/hampers"},'
    '"context":{"library":{"name":"analytics.js","version":"2.1.0"},"locale":"en-GB",'
    '"userAgent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"},'
    '"originalTimestamp":"2026-03-02T11:59:58.000Z","sentAt":"2026-03-02T11:59:58.100Z"}'
)


@dataclass(frozen=True)
class Load:
    """Requests to a port of this machine, `size` events each; without a rate as fast as it goes.

    `kept` is a file that gets the id of every acknowledged event.
    """

    name: str
    port: int
    key: str
    size: int
    seconds: float
    kept: str
    rate: float | None = None


@dataclass
class Came:
    """Seconds of each acknowledged request, when the first was made and the last answered."""

    seconds: list[float] = field(default_factory=list[float])
    refused: int = 0
    began: float = 0.0
    ended: float = 0.0


class _Requests:
    """The next request, when it is due: none when the time is over."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._count = 0
        self._head = (
            f"POST /v1/{'track' if load.size == 1 else 'batch'} HTTP/1.1\r\nhost: localhost\r\n"
            f"authorization: Basic {base64.b64encode(f'{load.key}:'.encode()).decode()}\r\n"
            "content-type: application/json\r\ncontent-length: "
        )
        self.began = time.perf_counter()

    def next(self) -> tuple[int, float] | None:
        """Its number and when it is due."""
        number, rate = self._count, self._load.rate
        now = time.perf_counter()
        due = now if rate is None else self.began + number / rate
        if max(due, now) - self.began > self._load.seconds:
            return None
        self._count += 1
        return number, due

    def content(self, number: int) -> bytes:
        """Its bytes."""
        size = self._load.size
        numbers = range(number * size, number * size + size)
        events = [_EVENT % (f"{self._load.name}-{n}", n % 9_973, n % 9_973) for n in numbers]
        body = events[0] if size == 1 else '{"batch":[' + ",".join(events) + "]}"
        return f"{self._head}{len(body)}\r\n\r\n{body}".encode()

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The events of these requests."""
        name, size = self._load.name, self._load.size
        return [f"{name}-{n}" for one in numbers for n in range(one * size, one * size + size)]


async def run(load: Load) -> Came:
    """Make the requests; write down what was acknowledged."""
    requests, came, kept = _Requests(load), Came(), list[int]()
    came.began = requests.began
    await asyncio.gather(*(_work(load.port, requests, came, kept) for _ in range(CONNECTIONS)))
    came.ended = time.perf_counter()
    Path(load.kept).write_text("event_id\n" + "\n".join(requests.ids(kept)) + "\n")
    return came


async def _work(port: int, requests: _Requests, came: Came, kept: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (made := requests.next()) is not None:
        number, due = made
        content = requests.content(number)
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        writer.write(content)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        if head.startswith(b"HTTP/1.1 200"):
            came.seconds.append(time.perf_counter() - due)
            kept.append(number)
        else:
            came.refused += 1
    writer.close()


def _length(head: bytes) -> int:
    after = head.lower().partition(b"content-length:")[2]
    return int(after.partition(b"\r\n")[0])


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Load(**json.load(sys.stdin)))))))
