"""The application: one group of routes per module, the same headers on every answer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from baton.errors import Busy
from baton.journal import Journal
from baton.serve import health, pages
from baton.serve.choices import Choices
from baton.serve.collect.routes import Collector
from baton.serve.collect.segments import Segments
from baton.serve.collect.settings import CollectSettings
from baton.serve.contexts import Contexts
from baton.serve.errors import Problems
from baton.serve.patience import Patience
from baton.serve.receipts import Receipts
from baton.serve.settings import Settings


def create_app(journal: Journal, settings: Settings, patience: Patience | None = None) -> Starlette:
    """The service over one journal. It never opens the warehouse."""
    patience = patience or Patience()
    problems = Problems(settings.texts)
    collector = _collector(settings.collect)

    @asynccontextmanager
    async def alive(_app: Starlette) -> AsyncGenerator[None]:
        yield
        if collector:
            await collector.close()

    app = Starlette(
        routes=[
            *Choices(journal, settings, patience).routes(),
            *Contexts(journal, settings.api_keys, patience).routes(),
            *(Receipts(journal, settings.inbox, patience).routes() if settings.inbox else ()),
            *health.routes(journal, patience),
            *(collector.routes() if collector else ()),
        ],
        lifespan=alive,
        middleware=[Middleware(_Headers)],
        exception_handlers={
            HTTPException: problems.http,
            Busy: problems.busy,
            Exception: problems.failed,
        },
    )
    app.router.redirect_slashes = False
    return app


def _collector(settings: CollectSettings | None) -> Collector | None:
    if settings is None:
        return None
    return Collector(Segments(settings.folder, settings.table), settings.write_keys)


class _Headers:
    """Nothing is stored, framed, or told to other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(pages.HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
