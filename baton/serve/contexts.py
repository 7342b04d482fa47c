"""Contexts of hand-offs for whoever takes a customer over: masked, and each reading on record."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.journal import Accessor, Context, Journal
from baton.serve.bodies import body_of
from baton.serve.errors import problem
from baton.serve.keys import ApiKeys, Holder
from baton.serve.masking import masked
from baton.serve.patience import Patience

_KINDS = ("email", "phone", "id")
_NATIONAL_DIGITS = 10


class Contexts:
    """The routes under `/v1/contexts`."""

    def __init__(self, journal: Journal, keys: ApiKeys, patience: Patience) -> None:
        self._journal = journal
        self._keys = keys
        self._patience = patience

    def routes(self) -> list[Route]:
        """By id in the path; by address in a body, which stands in no log."""
        return [
            Route("/v1/contexts", self._refuse_query, methods=["GET"]),
            Route("/v1/contexts/search", self._search, methods=["POST"]),
            Route("/v1/contexts/{id}", self._by_id, methods=["GET"]),
        ]

    async def _by_id(self, request: Request) -> Response:
        return await self._answer(request, "id", request.path_params["id"], "contexts/{id}")

    async def _search(self, request: Request) -> Response:
        if self._holder(request) is None:
            return _unknown_key()
        asked = _asked(await body_of(request))
        if asked is None:
            return problem(
                400,
                "bad_request",
                'send a JSON object with one of "email", "phone" or "id", and a text as its value',
            )
        return await self._answer(request, *asked, "contexts/search")

    async def _refuse_query(self, request: Request) -> Response:
        if self._holder(request) is None:
            return _unknown_key()
        return problem(
            400,
            "use_search",
            "addresses do not belong into a URL, which stands in logs: POST /v1/contexts/search",
        )

    async def _answer(self, request: Request, kind: str, value: str, route: str) -> Response:
        holder = self._holder(request)
        if holder is None:
            return _unknown_key()
        is_masked = request.query_params.get("unmask", "").lower() not in ("true", "1")
        by = Accessor(holder.name, route, is_masked)
        if not is_masked and not holder.may_unmask:
            await self._patience.write(lambda: self._journal.note_refusal(by))
            return problem(403, "forbidden", "this key does not show personal values")
        read = partial(self._journal.read_context, kind, value, by)
        found = await self._patience.write(read)
        if found is None:
            return problem(404, "not_found", "no context is known for it")
        return JSONResponse(_shown(found, is_masked=is_masked))

    def _holder(self, request: Request) -> Holder | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        given = key.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        return self._keys.holder(given)


def spelt(kind: str, value: str) -> str:
    """The spelling under which the warehouse knows a value, as macro `normalise_phone` has it."""
    if kind != "phone":
        return value.strip()
    digits = re.sub(r"\D", "", value).removeprefix("00")
    is_national = len(digits) == _NATIONAL_DIGITS and not value.strip().startswith(("+", "00"))
    return f"+1{digits}" if is_national else f"+{digits}"


def _asked(body: bytes) -> tuple[str, str] | None:
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, Mapping) or len(content) != 1:
        return None
    ((kind, value),) = content.items()
    if kind not in _KINDS or not isinstance(value, str) or not value.strip():
        return None
    return (kind, spelt(kind, value)) if _is_text(value) else None


def _is_text(value: str) -> bool:
    """Whether it can be written: JSON can spell halves of characters, which nothing can."""
    try:
        value.encode()
    except UnicodeError:
        return False
    return True


def _shown(found: Context, *, is_masked: bool) -> dict[str, object]:
    context = dict(found.context or {})
    return {
        "person_id": found.person_id,
        "node_ids": list(found.node_ids),
        "as_of": found.as_of.isoformat() + "Z",
        "updated_at": found.updated_at.isoformat() + "Z" if found.updated_at else None,
        "masked": is_masked,
        "context": masked(context) if is_masked else context,
    }


def _unknown_key() -> Response:
    answer = problem(401, "unauthorized", "send a known key as `Authorization: Bearer <key>`")
    answer.headers["www-authenticate"] = "Bearer"
    return answer
