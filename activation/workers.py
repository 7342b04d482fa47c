"""Several sender processes on one journal, started, stopped and summed up as one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from typing import Any

from activation.config import DestinationsConfig
from activation.report import SendReport, merged
from activation.sender import send
from baton.errors import BatonError
from baton.journal import Journal


def send_by_workers(
    count: int, target: str, *, only: Collection[str] | None = None, watch: bool = False
) -> SendReport:
    """Send from the journal at a path or URL by so many processes; from the main thread only.

    SIGTERM and SIGINT are passed on, so that each ends once what is in flight has its verdict; they
    end too when this process dies. Raises the first error of a worker, and BatonError when one
    was killed: its claims are settled by the others, or by the next sender.
    """
    context = multiprocessing.get_context("spawn")
    workers: list[tuple[BaseProcess, Any]] = []
    for _ in range(count):
        here, there = context.Pipe()
        worker = context.Process(target=_work, args=(there, target, only, watch))
        worker.start()
        there.close()
        workers.append((worker, here))
    with _passing_on([worker for worker, _ in workers]):
        ends = [_end_of(here) for _, here in workers]
        for worker, _ in workers:
            worker.join()
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return merged([end for end in ends if isinstance(end, SendReport)])


def _work(there: Any, target: str, only: Collection[str] | None, watch: bool) -> None:
    threading.Thread(target=_end_with_parent, args=(there,), daemon=True).start()
    try:
        with Journal.open(target) as journal:
            config = DestinationsConfig.load()
            end: SendReport | BaseException = send(
                journal, config, now=journal.now, only=only, watch=watch, heed_signals=True
            )
    except BatonError as error:
        end = BatonError(str(error))
        end.exit_code = error.exit_code
    there.send(end)


def _end_with_parent(there: Any) -> None:
    """The parent never writes: what ends the wait is its end."""
    with suppress(EOFError, OSError):
        there.recv()
    os.kill(os.getpid(), signal.SIGTERM)


def _end_of(here: Any) -> SendReport | BaseException:
    try:
        return here.recv()
    except EOFError:
        return BatonError(
            "a worker died",
            where="baton send --workers",
            mend="its claims are settled by the next sender; look for its error above",
        )


@contextmanager
def _passing_on(workers: Sequence[BaseProcess]) -> Generator[None]:
    def pass_on(*_: object) -> None:
        for worker in workers:
            worker.terminate()

    before = {one: signal.signal(one, pass_on) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
