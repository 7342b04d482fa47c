"""The journal of one run, seen from the event loop: one thread, verdicts written in groups."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from activation.grouping import Grouped
from activation.patience import patiently
from baton.journal.sync_records import SyncAnswer, SyncRequest
from baton.journal.syncs import SyncLedger

_Result = TypeVar("_Result")


class SyncDesk:
    """Requests and verdicts of one run without blocking the loop; `begin` comes first.

    Every method tries again for a minute while the journal is locked, then raises Busy.
    """

    def __init__(self, ledger: SyncLedger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._run_id = ""
        self._now = now
        self._digest_key = ledger.hasher.derived("requests of syncs")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync journal")
        self._answers = Grouped(self._write)

    async def begin(self, sync: str, destination: str, plan_hash: str) -> None:
        """Put the run on record."""
        self._run_id = await self.do(
            lambda: self._ledger.begin(sync, destination, plan_hash, self._now())
        )

    async def end(self, state: str, reason: str | None, counts: dict[str, int]) -> None:
        """Close the run."""
        await self.do(partial(self._ledger.end, self._run_id, state, reason, counts))

    async def is_stopped(self, destination: str) -> bool:
        """Whether a switch stops a destination, or everything."""
        return await self.do(partial(self._ledger.is_stopped, destination))

    async def stop_destination(self, destination: str, reason: str) -> None:
        """Switch a destination off, on record."""
        await self.do(lambda: self._ledger.stop_destination(destination, reason, self._now()))

    async def open(self, requests: Sequence[SyncRequest]) -> set[str]:
        """Put requests on record; when this returns nothing, bytes may leave.

        Else these are keys of rows of people who were erased meanwhile, and nothing is on record.
        """
        return await self.do(
            partial(self._ledger.open_requests, self._run_id, requests, self._now())
        )

    async def settle(self, answer: SyncAnswer) -> None:
        """Record an answer, together with others that wait."""
        await self._answers.put(answer)

    async def do(self, work: Callable[[], _Result]) -> _Result:
        """Other work on the journal."""
        loop = asyncio.get_running_loop()
        return await patiently(lambda: loop.run_in_executor(self._thread, work))

    def digest(self, content: bytes) -> str:
        """A keyed hash of what was sent."""
        return hashlib.blake2b(content, key=self._digest_key, digest_size=16).hexdigest()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _write(self, answers: Sequence[SyncAnswer]) -> Sequence[None]:
        await self.do(partial(self._ledger.settle, self._run_id, answers, self._now()))
        return [None] * len(answers)
