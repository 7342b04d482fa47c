"""Access tokens by client credentials (RFC 6749, 4.4): asked for once, kept until they run out."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from activation.exchange import Grant

_MARGIN_SECONDS = 30.0
_DEFAULT_SECONDS = 300.0
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_OK = 200


class TokenRefused(Exception):  # noqa: N818  # reads as the state it reports
    """No token: `detail` is a code, without a word of the server."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class _Token:
    value: str
    until: float


class Tokens:
    """The tokens of one process, by grant."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._tokens: dict[Grant, _Token] = {}
        self._locks: dict[Grant, asyncio.Lock] = {}

    async def bearer(self, grant: Grant) -> str:
        """A token that still holds. Raises TokenRefused when none is given."""
        async with self._locks.setdefault(grant, asyncio.Lock()):
            now = asyncio.get_running_loop().time()
            token = self._tokens.get(grant)
            if token is None or token.until <= now:
                token = self._tokens[grant] = await self._ask(grant, now)
            return token.value

    def forget(self, grant: Grant) -> None:
        """Ask for a new one next time: the tool did not take this one."""
        self._tokens.pop(grant, None)

    async def _ask(self, grant: Grant, now: float) -> _Token:
        form = {"grant_type": "client_credentials"} | (
            {"scope": grant.scope} if grant.scope else {}
        )
        auth = aiohttp.encode_basic_auth(grant.client_id, grant.client_secret)
        try:
            async with self._session.post(
                grant.token_url,
                data=form,
                headers={"authorization": auth, "accept": "application/json"},
                timeout=_TIMEOUT,
                allow_redirects=False,
                trace_request_ctx={},
            ) as answer:
                if answer.status != _OK:
                    raise TokenRefused(f"token http {answer.status}")
                return _token(json.loads(await answer.read()), now)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TokenRefused(f"token {type(error).__name__}") from None
        except (ValueError, LookupError, TypeError, AttributeError):
            raise TokenRefused("token unreadable") from None


def _token(content: Any, now: float) -> _Token:
    seconds = float(content.get("expires_in") or _DEFAULT_SECONDS)
    return _Token(str(content["access_token"]), now + max(seconds - _MARGIN_SECONDS, 0.0))
