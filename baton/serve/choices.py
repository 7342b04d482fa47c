"""The preference page and one-click unsubscribing (RFC 8058), under one signed address.

A GET changes nothing: link scanners follow every link of a mail. The token in the path is the
only authority; there is no cookie, so that no other site can answer in somebody's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from baton.journal import Act, ContactPoint, Journal, Stated, Statement
from baton.journal.clock import wall_clock
from baton.links import Link, token_id
from baton.serve import boxes, pages
from baton.serve.bodies import form_of
from baton.serve.patience import Patience
from baton.serve.settings import Settings
from baton.serve.texts import Text

_NOTHING = "nothing"


@dataclass(frozen=True)
class _Visit:
    """One request by a link that holds, and the language it asks for."""

    token: str
    link: Link
    locale: str
    text: Text
    client: str

    @property
    def own(self) -> ContactPoint:
        link = self.link
        return ContactPoint(link.contact_point_id, link.node_id, link.channel, is_own=True)

    @property
    def brand(self) -> str:
        return self.text.brands.get(self.link.brand, self.link.brand)

    @property
    def by_link(self) -> str:
        return f"link {token_id(self.token)};"


class Choices:
    """The routes of the preference page."""

    def __init__(self, journal: Journal, settings: Settings, patience: Patience) -> None:
        self._journal = journal
        self._settings = settings
        self._patience = patience

    def routes(self) -> list[Route]:
        """One address for page and one click, one for what was chosen."""
        return [
            Route("/u/{token}", self._page, methods=["GET"]),
            Route("/u/{token}", self._one_click, methods=["POST"]),
            Route("/u/{token}/choices", self._saved, methods=["GET"]),
            Route("/u/{token}/choices", self._choose, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        shown = await self._patience.read(partial(self._boxes, visit))
        return pages.render(
            "preferences",
            visit.text,
            visit.locale,
            brand=visit.brand,
            groups=boxes.groups_of(shown, visit.text),
            action=f"{visit.token}/choices",
        )

    async def _one_click(self, request: Request) -> Response:
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        if not _is_one_click(await form_of(request)):
            return pages.plain(visit.text.not_understood, visit.text, visit.locale, 400)
        noes = boxes.not_commercial(visit.own, visit.link.brand)
        act = Act(
            "one_click",
            f"{visit.by_link} client {visit.client}",
            visit.link.message_id,
            tuple(noes),
        )
        await self._patience.write(lambda: self._journal.record_statements(act))
        return pages.plain(visit.text.one_click_done, visit.text, visit.locale, 200)

    async def _choose(self, request: Request) -> Response:
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        form = await form_of(request)
        act_id = await self._patience.write(lambda: self._record(visit, form))
        return RedirectResponse(f"choices?act={act_id}", 303)

    async def _saved(self, request: Request) -> Response:
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        act_id = request.query_params.get("act", _NOTHING)
        done = await self._patience.read(lambda: self._journal.stated(act_id, visit.by_link))
        return pages.render(
            "saved",
            visit.text,
            visit.locale,
            brand=visit.brand,
            rows=_rows(done, visit.text),
            stated_at=done.stated_at if done else None,
            back=f"../{visit.token}",
        )

    def _visit(self, request: Request) -> _Visit | Response:
        token = request.path_params["token"]
        locale, text = self._settings.texts.choose(request.headers.get("accept-language", ""))
        link = self._settings.links.read(token)
        if link is None:
            return pages.plain(text.not_found, text, locale, 404)
        if wall_clock() - link.issued_at > self._settings.longest:
            return pages.plain(text.too_old, text, locale, 410)
        return _Visit(token, link, locale, text, _client(request))

    def _boxes(self, visit: _Visit) -> list[boxes.Box]:
        points = self._journal.contact_points_beside(visit.own)
        brand = visit.link.brand
        known = [(p, self._journal.standing(p, brand, boxes.PURPOSES)) for p in points]
        return boxes.boxes_of(known)

    def _record(self, visit: _Visit, form: Sequence[tuple[str, str]]) -> str:
        said = self._said(visit, form)
        if not said:
            return _NOTHING
        page = f"page {visit.locale} {visit.text.version};"
        proof = f"{visit.by_link} {page} client {visit.client}"
        act = Act("preference_page", proof, visit.link.message_id, tuple(said))
        return self._journal.record_statements(act).act_id

    def _said(self, visit: _Visit, form: Sequence[tuple[str, str]]) -> list[Statement]:
        if any(name == "everything" for name, _ in form):
            points = self._journal.contact_points_beside(visit.own)
            return boxes.nothing_at_all(points, visit.link.brand)
        return boxes.said(self._boxes(visit), form, visit.link.brand)


def _is_one_click(form: Sequence[tuple[str, str]]) -> bool:
    wanted = ("list-unsubscribe", "one-click")
    return any((name.strip().lower(), value.strip().lower()) == wanted for name, value in form)


def _client(request: Request) -> str:
    """The kind of client, which is all that is kept of it."""
    agent = request.headers.get("user-agent", "").lower()
    if not agent:
        return "unnamed"
    return "browser" if agent.startswith("mozilla/") else "other"


def _rows(done: Stated | None, text: Text) -> list[dict[str, object]]:
    """What was recorded, once per channel and purpose."""
    if done is None:
        return []
    said = dict.fromkeys((one.channel, one.purpose, one.granted) for one in done.statements)
    return [
        {
            "channel": text.channels.get(channel, channel),
            "purpose": _purpose(purpose, text),
            "granted": granted,
        }
        for channel, purpose, granted in said
    ]


def _purpose(purpose: str | None, text: Text) -> str:
    if purpose is None:
        return text.all_purposes
    return text.purposes[purpose].label if purpose in text.purposes else purpose
