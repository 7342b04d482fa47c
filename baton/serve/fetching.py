"""What a receipt needs from its provider: a certificate to verify it with, a link to confirm."""

from collections.abc import Awaitable, Callable

import aiohttp

from baton.errors import Busy

Fetch = Callable[[str], Awaitable[bytes | None]]
_SECONDS = 10
_LARGEST = 64 * 2**10
_OK = 200


async def fetched(url: str) -> bytes | None:
    """The content of an address, null unless it is answered with 200; follows no redirect.

    Raises Busy when nobody answers in time: the provider calls again.
    """
    try:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            content = await answer.content.read(_LARGEST)
            return content if answer.status == _OK else None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Busy(
            "the provider of a receipt does not answer",
            where=type(error).__name__,
            mend="nothing: it calls again",
        ) from None


class Kept:
    """The same, each address asked once: what a provider publishes under a name never changes."""

    _MOST = 16

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._contents: dict[str, bytes] = {}

    async def get(self, url: str) -> bytes | None:
        """The content, null where there is none."""
        content = self._contents.get(url) or await self._fetch(url)
        if content:
            if len(self._contents) >= self._MOST:
                self._contents.clear()
            self._contents[url] = content
        return content
