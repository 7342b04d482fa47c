"""Work on a journal that another process may have locked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from baton.errors import Busy

_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_Result = TypeVar("_Result")


async def patiently(attempt: Callable[[], Awaitable[_Result]]) -> _Result:
    """Try again while the journal is busy, less and less often; raises Busy after a minute.

    A verdict that is not written leaves a message in doubt: that is worth the wait.
    """
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + _SECONDS, _FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except Busy:
            if loop.time() + pause > until:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
