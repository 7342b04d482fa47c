"""Bodies of requests: bounded, and read as mailbox providers and browsers write them."""

import asyncio
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_LARGEST = 64 * 1024
_LONGEST_SECONDS = 10.0
_MALFORMED, _TOO_LATE, _TOO_LARGE = 400, 408, 413


async def body_of(request: Request, *, largest: int = _LARGEST) -> bytes:
    """The whole body.

    Raises HTTPException 413 when it is larger than `largest` bytes, by default than any form of
    ours, 408 when it does not come.
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await _whole(request, largest)
    except TimeoutError as error:
        raise HTTPException(_TOO_LATE) from error


async def _whole(request: Request, largest: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > largest:
            raise HTTPException(_TOO_LARGE)
    return bytes(content)


async def form_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, in order: multipart, or else as in a URL (RFC 8058, section 3.2)."""
    content, kind = await body_of(request), request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/"):
        return _multipart(content, kind)
    text = content.decode("utf-8", "replace").strip()
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return []


def _multipart(content: bytes, kind: str) -> list[tuple[str, str]]:
    """Raises HTTPException 400 for what the parser of mails fails at, such as deep nesting."""
    try:
        return _parts(content, kind)
    except (RecursionError, TypeError, ValueError) as error:
        raise HTTPException(_MALFORMED) from error


def _parts(content: bytes, kind: str) -> list[tuple[str, str]]:
    head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    whole = message_from_bytes(head + content)
    parts = whole.get_payload() if whole.is_multipart() else []
    return [field for part in parts if isinstance(part, Message) and (field := _field(part))]


def _field(part: Message) -> tuple[str, str] | None:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(content, bytes):
        return None
    return name, content.decode("utf-8", "replace").strip("\r\n")
