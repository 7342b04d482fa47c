"""Receipts of providers: signed requests, in the journal before the answer, then landed.

What a landed file says, the journal knows: it is written last, and under a name that the same
reports always have, so that a request that comes again changes nothing.
"""

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from activation.destinations.receiver import Call, Read
from activation.receiving import Reporter, blocks_of, name_of, receipts_of, rows_of
from baton.errors import Busy
from baton.journal import Journal
from baton.journal.clock import wall_clock
from baton.serve.bodies import body_of
from baton.serve.errors import problem
from baton.serve.fetching import Fetch, Kept, fetched
from baton.serve.patience import Patience

SOURCE = "messaging"
_TABLE = "receipts"
_LARGEST = 4 * 2**20
_NOT_FOUND = 404
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Inbox:
    """Who may report, by name, the landing folder for what they say, and a way to ask them."""

    reporters: Mapping[str, Reporter]
    landing: Path
    fetch: Fetch = fetched


class Receipts:
    """The route by which providers report."""

    def __init__(self, journal: Journal, inbox: Inbox, patience: Patience) -> None:
        self._journal = journal
        self._reporters = inbox.reporters
        self._folder = inbox.landing / SOURCE
        self._patience = patience
        self._fetch = inbox.fetch
        self._certificates = Kept(inbox.fetch)

    def routes(self) -> list[Route]:
        """One address per destination."""
        return [Route("/receipts/{name}", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        reporter = self._reporters.get(request.path_params["name"])
        if reporter is None:
            raise HTTPException(_NOT_FOUND)
        content = await body_of(request, largest=_LARGEST)
        url, headers = _url(request, reporter), _headers(request)
        call = Call(reporter.name, url, headers, content, wall_clock())
        if needed := reporter.needs(call):
            call = replace(call, fetched=await self._certificates.get(needed))
        if not reporter.is_genuine(call):
            return problem(403, "forbidden", "the signature does not hold")
        if (link := reporter.visits(call)) and await self._fetch(link) is None:
            return problem(503, "unavailable", "the provider does not take the confirmation")
        now = await self._patience.read(self._journal.now)
        read = reporter.read(replace(call, received_at=now))
        await self._patience.write(partial(self._keep, read, reporter.name, now))
        if reporter.receiver.thanks:
            media_type, text = reporter.receiver.thanks
            return Response(text, media_type=media_type)
        counts = {"reports": len(read.reports), "bad": len(read.bad), "ignored": read.ignored}
        return JSONResponse(counts)

    def _keep(self, read: Read, name: str, now: datetime) -> None:
        """Into the journal, then into the landing folder; nothing for what came before."""
        rows = rows_of(read, name)
        file = self._folder / f"{_TABLE}.{name}.{name_of(read, name)}.jsonl"
        if not rows or file.exists():
            return
        self._journal.record_receipts(receipts_of(read, name, now), blocks_of(read, name, now))
        try:
            _land(file, "".join(f"{json.dumps(row)}\n" for row in rows).encode())
        except OSError as error:
            if error.errno not in _FULL:
                raise
            mend = "free some space; the provider reports again"
            raise Busy("the disk of the landing folder is full", where=SOURCE, mend=mend) from error


def _url(request: Request, reporter: Reporter) -> str:
    """The URL that the provider called: a proxy may have changed host and scheme."""
    raw = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope["query_string"]
    target = raw + (b"?" + query if query else b"")
    base = reporter.public_url or str(request.base_url)
    return base.rstrip("/") + target.decode("latin-1")


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _land(file: Path, content: bytes) -> None:
    """Write a file that appears whole, and stays."""
    file.parent.mkdir(exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
