"""The journal of the syncs, seen from the event loop: one thread, verdicts written in groups."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from baton.errors import Busy
from baton.journal.sync_records import SyncAnswer, SyncRequest
from baton.journal.syncs import SyncLedger

_BUSY_TIMES = 6
_Result = TypeVar("_Result")


class SyncDesk:
    """Requests and verdicts of one run without blocking the loop."""

    def __init__(self, ledger: SyncLedger, run_id: str, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._now = now
        self._digest_key = ledger.hasher.derived("requests of syncs")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync journal")
        self._queue: list[tuple[SyncAnswer, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def open(self, requests: Sequence[SyncRequest]) -> None:
        """Put requests on record; when this returns, bytes may leave."""
        work = partial(self._ledger.open_requests, self._run_id, requests, self._now())
        await self._patiently(work)

    async def settle(self, answer: SyncAnswer) -> None:
        """Record an answer, together with others that wait."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((answer, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await written

    def digest(self, content: bytes) -> str:
        """A keyed hash of what was sent."""
        return hashlib.blake2b(content, key=self._digest_key, digest_size=16).hexdigest()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            answers = [answer for answer, _ in group]
            try:
                await self._patiently(
                    partial(self._ledger.settle, self._run_id, answers, self._now())
                )
            except BaseException as error:
                for _, written in group:
                    with contextlib.suppress(asyncio.InvalidStateError):
                        written.set_exception(error)
                if not isinstance(error, Exception):
                    raise
                continue
            for _, written in group:
                with contextlib.suppress(asyncio.InvalidStateError):
                    written.set_result(None)

    async def _patiently(self, work: Callable[[], _Result]) -> _Result:
        for _ in range(_BUSY_TIMES):
            with contextlib.suppress(Busy):
                return await self._call(work)
        return await self._call(work)

    async def _call(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
