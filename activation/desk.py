"""The journal, seen from the event loop: one thread, one commit for all that waits for one."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from activation.patience import patiently
from activation.shares import Shares
from baton.errors import Busy
from baton.journal import Answer, Claimed, ClaimOrder, Journal, OpenJob, Verdict, Wanted

_Asked = TypeVar("_Asked")
_Result = TypeVar("_Result")
_Queue = list[tuple[_Asked, asyncio.Future[_Result]]]


class Desk:
    """Claims and verdicts without blocking the loop, and `shares` of limits."""

    def __init__(self, journal: Journal, now: Callable[[], datetime], worker: str) -> None:
        self._journal = journal
        self._now = now
        self._last_now = now()
        self._worker = worker
        self.shares = Shares(journal, worker, self._patiently)
        journal.keyed_hash(b"")  # the first use reads the key; later ones touch no database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._answers: _Queue[Answer, dict[str, str]] = []
        self._wanted: _Queue[Wanted, list[Claimed]] = []
        self._writers: set[asyncio.Task[None]] = set()
        self._is_writing = False
        self._carried: set[str] = set()  # attempts without an answer; of the journal's thread
        self._is_in_doubt = False

    async def claim(self, destination: str, limit: int, order: ClaimOrder) -> list[Claimed]:
        """Claim messages; their attempts are on record when this returns."""
        return await self._queued(self._wanted, Wanted(destination, limit, order))

    async def reclaim(self, refused: Answer, order: ClaimOrder) -> list[Claimed]:
        """Record that a request was refused as a whole, and claim some of its messages again."""
        return await self._patiently(
            lambda: self._claimed(
                lambda: self._journal.reclaim(refused, self._read_clock(), self._worker, order)
            )
        )

    async def settle(self, answer: Answer) -> dict[str, str]:
        """Record an answer, together with others that wait; returns states by message id."""
        return await self._queued(self._answers, answer)

    async def is_due(self, destination: str, checked_within_minutes: float) -> bool:
        """Whether a claim could find something."""
        return await self._patiently(
            lambda: self._journal.is_due(destination, self._read_clock(), checked_within_minutes)
        )

    async def due(self, checked_within_minutes: float) -> set[str]:
        """The destinations that a claim could find something for."""
        return await self._patiently(
            lambda: self._journal.due(self._read_clock(), checked_within_minutes)
        )

    async def stamp(self) -> tuple[int, int]:
        """A mark that changes when messages or switches do."""
        return await self._patiently(self._journal.stamp)

    async def recover(self) -> dict[str, int]:
        """Settle the claims that dead senders left; messages per new state."""
        return await self._patiently(lambda: self._journal.recover(self._read_clock()))

    async def first_claim(self, message_id: str) -> datetime:
        """When a message was claimed for the first time, by the wall clock."""
        attempts = await self._patiently(lambda: self._journal.attempts(message_id))
        return attempts[0]["claimed_wall_at"]

    async def open_jobs(self, destination: str) -> list[OpenJob]:
        """Jobs of a destination to ask for now."""
        return await self._patiently(lambda: self._journal.open_jobs(destination))

    async def job_is_running(self, attempt_id: str) -> None:
        """Ask again later."""
        await self._patiently(lambda: self._journal.job_is_running(attempt_id))

    async def record_job(self, attempt_id: str, verdicts: Sequence[Verdict]) -> dict[str, str]:
        """Record what a job came to; returns the states that changed."""
        return await self._patiently(lambda: self._journal.record_job(attempt_id, verdicts))

    async def stop_destination(self, name: str, reason: str) -> None:
        """Switch a destination off, on record."""
        await self._patiently(
            lambda: self._journal.stop("destination", name, reason=reason, by="sender")
        )

    def digest(self, content: bytes) -> str:
        """A keyed hash of what was sent."""
        return self._journal.keyed_hash(content)

    def now(self) -> datetime:
        """The journal's time at the last claim or verdict."""
        return self._last_now

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _queued(self, queue: _Queue[_Asked, _Result], what: _Asked) -> _Result:
        done: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        queue.append((what, done))
        if not self._is_writing:
            self._is_writing = True
            self._begin(self._write())
        return await done

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._writers.add(task)
        task.add_done_callback(self._writers.discard)

    async def _write(self) -> None:
        answers, wanted = self._answers, self._wanted
        try:
            while self._answers or self._wanted:
                answers, self._answers = self._answers, []
                wanted, self._wanted = self._wanted, []
                await self._write_together(answers, wanted)
        except BaseException as error:  # nobody would tell them later
            _tell_all([*answers, *wanted, *self._answers, *self._wanted], error)
            self._answers, self._wanted = [], []
            raise
        finally:
            self._is_writing = False

    async def _write_together(
        self, answers: _Queue[Answer, dict[str, str]], wanted: _Queue[Wanted, list[Claimed]]
    ) -> None:
        """All by one commit; else verdicts and claims each by itself: one may go, another not."""
        try:
            states, claimed = await self._call(
                lambda: self._record_and_claim([a for a, _ in answers], [one for one, _ in wanted])
            )
        except Exception:
            for one in wanted:
                self._begin(self._claim_alone(*one))
            await self._record_alone(answers)
            return
        _tell_states(answers, states)
        for (_, done), messages in zip(wanted, claimed, strict=True):
            _tell(done, messages)

    async def _record_alone(self, answers: _Queue[Answer, dict[str, str]]) -> None:
        """All by one commit; if one of them cannot be written, each by itself."""
        try:
            given = [answer for answer, _ in answers]
            states = await self._patiently(lambda: self._record(given) if given else {})
        except Exception as error:
            if isinstance(error, Busy) or len(answers) == 1:
                _tell_all(answers, error)
                return
            for one in answers:
                await self._record_alone([one])
        else:
            _tell_states(answers, states)

    async def _claim_alone(self, one: Wanted, done: asyncio.Future[list[Claimed]]) -> None:
        journal, worker = self._journal, self._worker
        try:
            claimed = await self._patiently(
                lambda: self._claimed(
                    lambda: journal.claim(
                        one.destination, one.limit, self._read_clock(), worker, one.order
                    )
                )
            )
        except BaseException as error:
            _tell(done, error)
            if not isinstance(error, Exception):
                raise
        else:
            _tell(done, claimed)

    def _record_and_claim(
        self, answers: Sequence[Answer], wanted: Sequence[Wanted]
    ) -> tuple[dict[str, str], list[list[Claimed]]]:
        with self._claiming():
            states, claimed = self._journal.record_and_claim(
                answers, wanted, self._read_clock(), self._worker
            )
        self._carried.difference_update(answer.attempt_id for answer in answers)
        self._carried.update(message.attempt_id for messages in claimed for message in messages)
        return states, claimed

    def _record(self, answers: Sequence[Answer]) -> dict[str, str]:
        states = self._journal.record(answers, self._read_clock())
        self._carried.difference_update(answer.attempt_id for answer in answers)
        return states

    def _claimed(self, claim: Callable[[], list[Claimed]]) -> list[Claimed]:
        with self._claiming():
            claimed = claim()
        self._carried.update(message.attempt_id for message in claimed)
        return claimed

    @contextmanager
    def _claiming(self) -> Generator[None]:
        """Before a claim, put back what was claimed by a commit whose success was not told."""
        if self._is_in_doubt:
            self._journal.put_back(self._worker, self._carried, self._read_clock())
            self._is_in_doubt = False
        try:
            yield
        except Busy:
            self._is_in_doubt = True
            raise

    def _read_clock(self) -> datetime:
        self._last_now = self._now()
        return self._last_now

    async def _patiently(self, work: Callable[[], _Result]) -> _Result:
        return await patiently(lambda: self._call(work))

    async def _call(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _tell_states(answers: _Queue[Answer, dict[str, str]], states: dict[str, str]) -> None:
    for answer, done in answers:
        ids = [verdict.message_id for verdict in answer.verdicts]
        _tell(done, {id_: states[id_] for id_ in ids if id_ in states})


def _tell_all(waiting: Sequence[tuple[object, asyncio.Future[Any]]], error: BaseException) -> None:
    for _, done in waiting:
        _tell(done, error)


def _tell(done: asyncio.Future[Any], result: object) -> None:
    """End the wait of whoever still waits."""
    if done.done():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)
