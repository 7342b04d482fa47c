"""Many callers, one writer: what comes while it writes is its next group."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Grouped(Generic[_Item, _Result]):
    """Writes items in groups, in the order they came; each caller gets its own result.

    `write` takes a group and gives a result for each of its items. An error of it is raised to the
    callers of its group; one that is not an Exception, to all who wait.
    """

    def __init__(self, write: Callable[[Sequence[_Item]], Awaitable[Sequence[_Result]]]) -> None:
        self._write = write
        self._queue: list[tuple[_Item, asyncio.Future[_Result]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: _Item) -> _Result:
        """Return when the item is written."""
        written: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._work())
        return await written

    async def _work(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            try:
                results = await self._write([item for item, _ in group])
            except Exception as error:
                _fail(group, error)
                continue
            except BaseException as error:
                _fail([*group, *self._queue], error)
                self._queue = []
                raise
            for (_, written), result in zip(group, results, strict=True):
                with contextlib.suppress(asyncio.InvalidStateError):  # its caller was cancelled
                    written.set_result(result)


def _fail(group: Sequence[tuple[_Item, asyncio.Future[_Result]]], error: BaseException) -> None:
    for _, written in group:
        with contextlib.suppress(asyncio.InvalidStateError):
            written.set_exception(error)
