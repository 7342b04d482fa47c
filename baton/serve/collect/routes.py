"""`/v1/batch` and its calls: who writes, how much, and what is answered.

As the API's libraries expect: 200 once an event is kept, for items that turn out to be wrong as
well; 400 for what is no JSON, 401 for an unknown write key, 413 for too much, 429 and 503 with
`Retry-After` when it should be sent again.
"""

import base64
import binascii
import hmac
import json
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from baton.journal.clock import wall_clock
from baton.serve.bodies import body_of
from baton.serve.collect.segments import NoRoomError, Segments
from baton.serve.collect.tracking import CALLS, Row, rows_of

LARGEST_BODY = 4 * 2**20
LARGEST_EVENT = 32 * 1024
MOST_ITEMS = 2_500
_REMEMBERED = 200_000
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "authorization, content-type, content-encoding, anonymousid",
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-max-age": "86400",
}
_KEPT = b'{"success":true}'
_JSON = {"content-type": "application/json"}


class Collector:
    """The tracking API over one folder of segments."""

    def __init__(self, segments: Segments, write_keys: Mapping[str, str]) -> None:
        self._segments = segments
        self._keys = {key.encode(): name for key, name in write_keys.items()}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._answers: dict[int, int] = {}

    def routes(self) -> list[Route]:
        """One for batches, one for each call, and one for what is to be measured."""
        paths = {one: (f"/v1/{one}", f"/v1/{one[0]}") for one in CALLS}
        paths |= {"batch": ("/v1/batch", "/v1/b")}
        taken = [
            Route(path, self._endpoint(call), methods=["POST", "OPTIONS"])
            for call, each in paths.items()
            for path in each
        ]
        return [*taken, Route("/metrics", self._metrics, methods=["GET"])]

    async def close(self) -> None:
        """Write what waits."""
        await self._segments.close()

    def _endpoint(self, call: str) -> Any:
        async def take(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=_OPEN)
            try:
                status, problem = await self._take(request, call)
            except HTTPException as error:
                status, problem = error.status_code, error.detail
            self._answers[status] = self._answers.get(status, 0) + 1
            return _answer(status, problem)

        return take

    async def _take(self, request: Request, call: str) -> tuple[int, str]:
        by_header = self._named_by(_basic_user(request))
        body = _parsed(await _content(request))
        source = by_header or self._named_by(_key_of(body))
        if source is None:
            raise HTTPException(401, "the write key is not known")
        items = body.get("batch") if call == "batch" else None
        if isinstance(items, list) and len(items) > MOST_ITEMS:
            raise HTTPException(413, f"at most {MOST_ITEMS} items")
        rows = rows_of(body, call, received_at=wall_clock(), source=source)
        fresh = [row for row in rows if row["event_id"] not in self._seen]
        lines = [_line(row) for row in fresh]
        if lines:
            await self._append(b"".join(lines), len(lines))
        self._remember(fresh)
        return 200, ""

    async def _append(self, lines: bytes, count: int) -> None:
        try:
            await self._segments.append(lines, count)
        except NoRoomError as error:
            raise HTTPException(503, str(error)) from error

    def _named_by(self, key: bytes) -> str | None:
        """Who has this key; null without one. Raises HTTPException 401 for an unknown one."""
        if not key:
            return None
        found = [name for one, name in self._keys.items() if hmac.compare_digest(one, key)]
        if not found:
            raise HTTPException(401, "the write key is not known")
        return found[0]

    def _remember(self, rows: list[Row]) -> None:
        """Forget the oldest: what comes again later is dropped by intake, by its event id."""
        self._seen.update((row["event_id"], None) for row in rows)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    async def _metrics(self, _request: Request) -> Response:
        written = self._segments.written
        lines = [
            f"baton_collected_events_total {written.events}",
            f"baton_collected_bytes_total {written.bytes}",
            f"baton_collector_syncs_total {written.syncs}",
            f"baton_collector_write_failures_total {written.failures}",
            f"baton_collector_last_sync_seconds {written.last_sync_seconds:.6f}",
            f"baton_collector_waiting_bytes {written.waiting_bytes}",
            *(
                f'baton_collector_answers_total{{status="{status}"}} {count}'
                for status, count in sorted(self._answers.items())
            ),
        ]
        return PlainTextResponse("\n".join(lines) + "\n")


def _answer(status: int, problem: str) -> Response:
    if status == 200:  # noqa: PLR2004
        return Response(_KEPT, headers=_OPEN | _JSON)
    again = {"retry-after": "1"} if status in (429, 503) else {}
    told = {"success": False, "code": str(status), "message": problem}
    content = orjson.dumps(told)
    return Response(content, status, headers=_OPEN | _JSON | again)


async def _content(request: Request) -> bytes:
    content = await body_of(request, largest=LARGEST_BODY)
    if request.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
        return _inflated(content)
    return content


def _inflated(content: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(content, LARGEST_BODY + 1)
    except zlib.error as error:
        raise HTTPException(400, "the body is no gzip") from error
    if len(plain) > LARGEST_BODY or inflater.unconsumed_tail:
        raise HTTPException(413, f"at most {LARGEST_BODY} bytes")
    if not inflater.eof:
        raise HTTPException(400, "the body is cut off")
    return plain


def _parsed(content: bytes) -> Mapping[str, Any]:
    """Whatever the content type says: browsers send beacons as text."""
    try:
        body = orjson.loads(content)
    except ValueError:
        body = _leniently(content)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is no JSON object")
    return body


def _leniently(content: bytes) -> object:
    """What the strict parser refuses and others take, such as NaN and half surrogates."""
    try:
        return json.loads(content.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the body is no JSON") from error


def _key_of(body: Mapping[str, Any]) -> bytes:
    """The key that a beacon names in its body."""
    return str(body.get("writeKey") or "").encode("utf-8", "replace")


def _basic_user(request: Request) -> bytes:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token, validate=True).partition(b":")[0]
    except (binascii.Error, ValueError):
        return b""


def _line(row: Row) -> bytes:
    """One line of JSON; of an event that is too large or deep only what names it is kept."""
    try:
        line = orjson.dumps(row)
    except orjson.JSONEncodeError:
        line = _ascii(row)
    if len(line) > LARGEST_EVENT:
        line = _ascii(_named(row) | {"too_large_bytes": len(line)})
    return line + b"\n"


def _ascii(row: Row) -> bytes:
    """What the fast writer refuses, such as half surrogates."""
    try:
        return json.dumps(row, default=str).encode("ascii")
    except (RecursionError, TypeError, ValueError):
        return json.dumps(_named(row)).encode("ascii")


def _named(row: Row) -> Row:
    return {name: row[name] for name in ("event_id", "call", "write_key", "_received_at")}
