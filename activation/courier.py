"""One request's way: rendered, built, exchanged, judged. Nothing is recorded here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from activation.config import Destination
from activation.exchange import Exchange, Failure, ItemVerdict, Outgoing, Request, Unsendable
from activation.preferences import COMMERCIAL
from activation.retries import decide
from activation.templates import Templates
from activation.transports import Transports
from baton.journal import Answer, Claimed, Verdict
from baton.journal.clock import wall_clock
from baton.journal.rules import RetryClass

_PUT_BACK = timedelta(minutes=1)
_NOT_CONFIGURED = (
    "marketing and sales mails go without a link to unsubscribe: "
    "set BATON_PUBLIC_URL and BATON_LINK_KEY, and run `baton serve`"
)
_HANDED_OVER_BEFORE = (
    "some marketing or sales mails go without a link to unsubscribe: "
    "they were handed over before there were links"
)


@dataclass(frozen=True)
class Prepared:
    """What can be sent, what never can, and the request (null when there is nothing to send)."""

    outgoing: Sequence[Outgoing]
    refused: Sequence[ItemVerdict]
    request: Request | None


@dataclass(frozen=True)
class Delivered:
    """What came of a request: the destination's verdicts, and the exchange if there was one."""

    items: Sequence[ItemVerdict]
    exchange: Exchange | None

    @property
    def is_unanswered(self) -> bool:
        """No answer, or one that leaves it open: a sign that the destination is in trouble."""
        no_answer = self.exchange is not None and isinstance(self.exchange.response, Failure)
        return no_answer or any(item.outcome == "ambiguous" for item in self.items)


class Courier:
    """Carries claimed messages to one destination."""

    def __init__(
        self, destination: Destination, templates: Templates, transports: Transports
    ) -> None:
        call = destination.call("messages")
        self._build, self._verdicts = call.build, call.verdicts
        self._settings = destination.settings
        self._preferences = destination.settings.preferences()
        self._retry_class: RetryClass = call.facts.retry_class
        self._templates = templates
        self._transports = transports

    def prepare(self, batch: Sequence[Claimed]) -> Prepared:
        """Render and build. Raises UsageError when a template is missing or wrong."""
        at = wall_clock()
        outgoing, refused = self._render(batch, at)
        try:
            request = self._build(outgoing, self._settings, at) if outgoing else None
        except Unsendable as error:
            refused += [_refusal(item.message, error) for item in outgoing]
            return Prepared([], refused, None)
        return Prepared(outgoing, refused, request)

    def gap(self, prepared: Prepared) -> str | None:
        """What commercial messages lack that they should carry, null when nothing."""
        lacks = any(
            item.link is None and item.message.message_class in COMMERCIAL
            for item in prepared.outgoing
        )
        if not lacks or not self._settings.needs_preferences:
            return None
        return _HANDED_OVER_BEFORE if self._preferences else _NOT_CONFIGURED

    async def deliver(self, prepared: Prepared) -> Delivered:
        """Send the request, if there is one, and read the verdicts."""
        if prepared.request is None:
            return Delivered(prepared.refused, None)
        exchange = await self._transports.exchange(prepared.request)
        items = self._verdicts(exchange.response, prepared.outgoing)
        return Delivered([*prepared.refused, *items], exchange)

    def answer(
        self, batch: Sequence[Claimed], delivered: Delivered, now: datetime, digest: str | None
    ) -> Answer:
        """The same for the journal: next states by failure, retry class and message class."""
        by_id = {message.message_id: message for message in batch}
        verdicts = [self._decide(item, by_id[item.item_id], now) for item in delivered.items]
        exchange = delivered.exchange
        return Answer(
            attempt_id=batch[0].attempt_id,
            status=delivered.items[0].reason,
            verdicts=tuple(verdicts),
            sent_at=exchange.sent_at if exchange else None,
            answered_at=exchange.answered_at if exchange else None,
            request_hash=digest,
        )

    def _decide(self, item: ItemVerdict, message: Claimed, now: datetime) -> Verdict:
        policy = self._settings.retry.policy()
        return decide(item, message, retry_class=self._retry_class, now=now, policy=policy)

    def _render(
        self, batch: Sequence[Claimed], at: datetime
    ) -> tuple[list[Outgoing], list[ItemVerdict]]:
        outgoing: list[Outgoing] = []
        refused: list[ItemVerdict] = []
        for message in batch:
            link = self._preferences.link(message, at) if self._preferences else None
            try:
                outgoing.append(Outgoing(message, self._parts(message, link), link))
            except Unsendable as error:
                refused.append(_refusal(message, error))
        return outgoing, refused

    def _parts(self, message: Claimed, link: str | None) -> dict[str, str]:
        if message.template is None:
            return {}
        locale = message.variables.get("locale")
        wanted = locale if isinstance(locale, str) else None
        variables = {**message.variables, "preferences_url": link}
        return self._templates.render(
            message.template, variables, brand=message.brand, locale=wanted
        )


def put_back(batch: Sequence[Claimed], now: datetime) -> Answer:
    """The answer for a request that was never made: due again in a minute, no try lost."""
    due = now + _PUT_BACK
    verdicts = [
        Verdict(message.message_id, "retry", "not_prepared", due, costs_try=False)
        for message in batch
    ]
    return Answer(batch[0].attempt_id, "not_prepared", tuple(verdicts))


def _refusal(message: Claimed, error: Unsendable) -> ItemVerdict:
    return ItemVerdict(message.message_id, "rejected", error.reason)
