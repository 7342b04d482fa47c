"""Tokens that a tool hands out for a while: fetched once, kept, and once more when refused."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from activation.exchange import Exchange, Failure, Grant, HttpAnswer, HttpRequest

_UNAUTHORIZED = 401
_OK = 200
_REFUSED = frozenset({400, 401, 403})
_EARLY_SECONDS = 60.0
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


@dataclass(frozen=True)
class _Token:
    text: str = field(repr=False)
    until: float


class Authorizer:
    """Sends requests that carry a grant, by an exchange of plain ones.

    A 401 is answered with a new token, once: the tool has done nothing yet, so that this is safe
    for any request. Nothing leaves without a token: `not_sent`, and 401 when it is refused.
    """

    def __init__(self, exchange: Callable[[HttpRequest], Awaitable[Exchange]]) -> None:
        self._exchange = exchange
        self._tokens: dict[Grant, _Token] = {}
        self._locks: dict[Grant, asyncio.Lock] = {}

    async def exchange(self, request: HttpRequest, grant: Grant) -> Exchange:
        """Send one request with the grant's token in `Authorization`."""
        first = await self._token(grant, request.timeout)
        if isinstance(first, Exchange):
            return first
        answered = await self._exchange(_with(request, first))
        if not _is_unauthorized(answered):
            return answered
        second = await self._token(grant, request.timeout, refused=first)
        if isinstance(second, Exchange):
            return second
        return await self._exchange(_with(request, second))

    async def _token(
        self, grant: Grant, timeout: float, refused: _Token | None = None
    ) -> _Token | Exchange:
        async with self._locks.setdefault(grant, asyncio.Lock()):
            kept = self._tokens.get(grant)
            now = asyncio.get_running_loop().time()
            if kept is not None and kept != refused and now < kept.until:
                return kept
            answered = await self._exchange(_token_request(grant, timeout))
            token = _read(answered.response, now)
            if token is None:
                self._tokens.pop(grant, None)
                return _without(answered)
            self._tokens[grant] = token
            return token


def _token_request(grant: Grant, timeout: float) -> HttpRequest:
    """Client credentials, RFC 6749, 4.4.2."""
    form = {
        "grant_type": "client_credentials",
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
        **({} if grant.scope is None else {"scope": grant.scope}),
    }
    return HttpRequest("POST", grant.token_url, _FORM, urlencode(form).encode(), timeout)


def _read(response: object, now: float) -> _Token | None:
    if not isinstance(response, HttpAnswer) or response.status != _OK:
        return None
    try:
        content = json.loads(response.content)
        text, lasts = content["access_token"], content.get("expires_in")
        return _Token(str(text), now + float(lasts) - _EARLY_SECONDS if lasts else math.inf)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _without(answered: Exchange) -> Exchange:
    """What became of the request when there was no token: it has not left."""
    response = answered.response
    if isinstance(response, HttpAnswer) and response.status in _REFUSED:
        return Exchange(HttpAnswer(_UNAUTHORIZED), None, answered.answered_at)
    told = f"http {response.status}" if isinstance(response, HttpAnswer) else "no_answer"
    return Exchange(Failure("not_sent", f"token {told}"), None, answered.answered_at)


def _with(request: HttpRequest, token: _Token) -> HttpRequest:
    headers = {**request.headers, "authorization": f"Bearer {token.text}"}
    return replace(request, headers=headers, grant=None)


def _is_unauthorized(answered: Exchange) -> bool:
    return isinstance(answered.response, HttpAnswer) and answered.response.status == _UNAUTHORIZED
