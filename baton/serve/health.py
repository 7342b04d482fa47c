"""Whether the service can do its work."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.journal import Journal
from baton.serve.patience import Patience


def routes(journal: Journal, patience: Patience) -> list[Route]:
    """`/healthz`: 200 when the journal can be read."""

    async def healthz(_request: Request) -> Response:
        await patience.read(journal.now)
        return JSONResponse({"status": "ok"})

    return [Route("/healthz", healthz, methods=["GET"])]
