"""Permits of an account: had before a claim, given back once, used or not."""

import asyncio
import contextlib

from activation.limits import Account


async def permits(account: Account, most: int, stop: asyncio.Event) -> int | None:
    """Permits, as soon as there are any: 0 when the account must be left, null when stopped."""
    asked = asyncio.ensure_future(account.permits(most))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if asked.done():
        return asked.result()
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    return None


class Permit:
    """The one permit of a request: given back once, used or not."""

    def __init__(self, account: Account, ready_at: float) -> None:
        self._account = account
        self._ready_at = ready_at
        self._is_held = True

    async def ready(self) -> None:
        """Wait until the bytes may leave."""
        await asyncio.sleep(max(self._ready_at - asyncio.get_running_loop().time(), 0))

    def take(self) -> None:
        """Another one was had."""
        self._ready_at = self._account.ready_at
        self._is_held = True

    def over(self) -> None:
        """The request it was for is over."""
        if self._is_held:
            self._account.over()
        self._is_held = False

    def free(self) -> None:
        """There was no request."""
        if self._is_held:
            self._account.free()
        self._is_held = False
