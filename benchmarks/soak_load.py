"""The load of a soak: calls that are made again until they are answered."""

import asyncio
import base64
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from benchmarks.live import WRITE_KEY, Shop, live_events

_AGAIN_SECONDS = 0.25
_TIMEOUT_SECONDS = 10.0
_REPEATED_ONE_IN = 100
_BROKEN_ONE_IN = 200
_BROKEN_AT = 1  # a view: quotes have other numbers


class Load:
    """`rate` calls a second to the collector at `url`, each until it is acknowledged.

    A call counts from when it was due. `made` and `answered` are seconds since 1970 by message id;
    `broken` are the ids of calls that say too little; `retried` counts requests made again.
    """

    def __init__(self, url: str, shop: Shop, rate: float) -> None:
        self._url = url
        self._shop = shop
        self._rate = rate
        self.made: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.broken: set[str] = set()
        self.retried = 0

    async def run(self, seconds: float) -> None:
        """Make all calls; returns once each is acknowledged."""
        key = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
        headers = {"authorization": f"Basic {key}", "content-type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        connector = aiohttp.TCPConnector(limit=64)
        size = max(1, int(self._rate // 100))
        began = time.time()
        async with aiohttp.ClientSession(
            self._url, connector=connector, headers=headers, timeout=timeout
        ) as session:
            open_: set[asyncio.Task[None]] = set()
            for at, calls in self._requests(int(self._rate * seconds), size):
                due = began + at / self._rate
                await asyncio.sleep(max(due - time.time(), 0))
                for call in calls:
                    self.made.setdefault(call["messageId"], due)
                task = asyncio.create_task(self._post(session, calls, due))
                open_.add(task)
                task.add_done_callback(open_.discard)
            await asyncio.gather(*open_)

    def _requests(self, number: int, size: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        calls = [self._worn(n, one) for n, one in enumerate(live_events(self._shop, number))]
        for at in range(0, number, size):
            batch = calls[at : at + size]
            if at and (at // size) % _REPEATED_ONE_IN == 0:
                batch = [*calls[at - size : at], *batch]
            yield at, batch

    def _worn(self, number: int, call: dict[str, Any]) -> dict[str, Any]:
        if number % _BROKEN_ONE_IN != _BROKEN_AT:
            return call
        self.broken.add(call["messageId"])
        return {name: value for name, value in call.items() if name != "event"}

    async def _post(
        self, session: aiohttp.ClientSession, calls: list[dict[str, Any]], due: float
    ) -> None:
        stamp = (datetime(1970, 1, 1) + timedelta(seconds=due)).isoformat() + "Z"
        body = {"batch": [call | {"timestamp": stamp} for call in calls]}
        while not await self._is_taken(session, body):
            self.retried += 1
            await asyncio.sleep(_AGAIN_SECONDS)
        for call in calls:
            self.answered.setdefault(call["messageId"], time.time())

    async def _is_taken(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> bool:
        try:
            async with session.post("/v1/batch", json=body) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
