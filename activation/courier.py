"""One request's way: rendered, built, exchanged, judged. Nothing is recorded here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from activation.config import Destination
from activation.destinations.json_api import of_whole
from activation.exchange import (
    Exchange,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    MailAnswer,
    Outgoing,
    Request,
    Unsendable,
)
from activation.preferences import COMMERCIAL
from activation.quotas import Quota, read_quota
from activation.retries import decide
from activation.templates import Templates
from activation.transports import Transports
from baton.journal import Answer, Claimed, OpenJob, Verdict
from baton.journal.clock import wall_clock
from baton.journal.rules import OPTED_OUT, SPLIT, RetryClass

_PUT_BACK = timedelta(minutes=1)
_LONGEST_JOB = timedelta(days=1)
_OPEN = ("throttled", "not_sent", "ambiguous")
_NOT_CONTENT = frozenset({401, 403, 404, 405, 407, 408, 410, 429})
_ABOUT_CONTENT = frozenset(range(400, 500)) - _NOT_CONTENT
_NOT_CONFIGURED = (
    "marketing and sales mails go without a link to unsubscribe: "
    "set BATON_PUBLIC_URL and BATON_LINK_KEY, and run `baton serve`"
)
_HANDED_OVER_BEFORE = (
    "some marketing or sales mails go without a link to unsubscribe: "
    "they were handed over before there were links"
)
_Found = TypeVar("_Found")


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
    def quota(self) -> Quota:
        """What the answer says of the account's limits."""
        if self.exchange is None or not isinstance(self.exchange.response, HttpAnswer):
            return Quota()
        return read_quota(self.exchange.response.headers, self.exchange.answered_at)

    @property
    def answer(self) -> HttpAnswer | None:
        """The answer to a question, null where it does not speak of its messages."""
        response = self.exchange.response if self.exchange else None
        return response if isinstance(response, HttpAnswer) and not self.items else None

    @property
    def is_refused_whole(self) -> bool:
        """A 4xx about the content of a batch, which may be the fault of one item."""
        return (
            self.exchange is not None
            and isinstance(self.exchange.response, HttpAnswer)
            and self.exchange.response.status in _ABOUT_CONTENT
            and len(self.items) > 1
            and all(item.outcome == "rejected" for item in self.items)
        )

    @property
    def is_unanswered(self) -> bool:
        """No answer, or one that leaves it open: a sign that the destination is in trouble."""
        no_answer = self.exchange is not None and isinstance(self.exchange.response, Failure)
        return no_answer or any(item.outcome == "ambiguous" for item in self.items)


@dataclass(frozen=True)
class Asked(Generic[_Found]):
    """What came of a question about messages that were sent before; `found` is null when open.

    `delivered` has verdicts only where the tool does not speak of the messages: no answer, 401,
    403, 408, 429, 5xx. They are for the account, and decide nothing of a message.
    """

    found: _Found | None
    delivered: Delivered


class Courier:
    """Carries claimed messages to one destination."""

    def __init__(
        self, destination: Destination, templates: Templates, transports: Transports
    ) -> None:
        call = destination.call("messages")
        self._build, self._verdicts = call.build, call.verdicts
        self._job, self._lookup = call.job, call.lookup
        self._settings = destination.settings
        self._preferences = destination.settings.preferences()
        self._retry_class: RetryClass = call.facts.retry_class
        self._templates = templates
        self._transports = transports

    @property
    def looks_up(self) -> bool:
        """Whether the tool is asked for what may have arrived, before it is sent again."""
        return self._lookup is not None and self._retry_class == "X"

    @property
    def has_jobs(self) -> bool:
        """Whether the tool may accept a request before it has applied it."""
        return self._job is not None

    async def look_up(self, message: Claimed, since: datetime) -> Asked[bool]:
        """Whether the tool has a message, claimed first at `since`; null when it does not say."""
        if self._lookup is None:
            return Asked(None, Delivered([], None))
        item = Outgoing(message)
        request = self._lookup.build(item, self._settings, since)
        delivered = await self._asked(request, [item])
        response = delivered.answer
        return Asked(self._lookup.found(response, item) if response else None, delivered)

    async def ask(self, job: OpenJob) -> Asked[list[Verdict]]:
        """What a job came to; null while it runs, for a day at most: then nobody will know."""
        if self._job is None:
            return Asked(None, Delivered([], None))
        batch = [Outgoing(message) for message in job.messages]
        delivered = await self._asked(self._job.build(job.job_id, self._settings), batch)
        response = delivered.answer
        items = self._job.verdicts(response, batch) if response else None
        if items is not None:
            return Asked([_of_job(item) for item in items], delivered)
        is_lost = wall_clock() - job.accepted_wall_at > _LONGEST_JOB
        return Asked(_lost(job) if is_lost else None, delivered)

    async def _asked(self, request: HttpRequest, batch: Sequence[Outgoing]) -> Delivered:
        exchange = await self._transports.exchange(request)
        response = exchange.response
        is_mail = isinstance(response, MailAnswer)
        items = None if is_mail else of_whole(response, batch)
        return Delivered([one for one in items or [] if one.outcome in _OPEN], exchange)

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
        self,
        batch: Sequence[Claimed],
        delivered: Delivered,
        now: datetime,
        digest: str | None,
        *,
        is_asked: bool = False,
    ) -> Answer:
        """The same for the journal: next states by failure, retry class and message class.

        `is_asked`: it came of a look-up, so there is none to wait for.
        """
        by_id = {message.message_id: message for message in batch}
        has_lookup = self.looks_up and not is_asked
        verdicts = [
            self._decide(item, by_id[item.item_id], now, has_lookup=has_lookup)
            for item in delivered.items
        ]
        exchange = delivered.exchange
        return Answer(
            attempt_id=batch[0].attempt_id,
            status=delivered.items[0].reason,
            verdicts=tuple(verdicts),
            sent_at=exchange.sent_at if exchange else None,
            answered_at=exchange.answered_at if exchange else None,
            request_hash=digest,
            job_id=self._job_of(delivered),
        )

    def _job_of(self, delivered: Delivered) -> str | None:
        exchange = delivered.exchange
        is_accepted = any(item.outcome == "accepted" for item in delivered.items)
        if self._job is None or exchange is None or not is_accepted:
            return None
        response = exchange.response
        return self._job.id_of(response) if isinstance(response, HttpAnswer) else None

    def _decide(
        self, item: ItemVerdict, message: Claimed, now: datetime, *, has_lookup: bool
    ) -> Verdict:
        return decide(
            item,
            message,
            retry_class=self._retry_class,
            now=now,
            policy=self._settings.retry.policy(),
            has_lookup=has_lookup,
        )

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


def put_back(batch: Sequence[Claimed], now: datetime, why: str) -> Answer:
    """The answer for a request that was never made: due again in a minute, no try lost."""
    due = now + _PUT_BACK
    verdicts = [
        Verdict(message.message_id, "retry", why, due, costs_try=False) for message in batch
    ]
    return Answer(batch[0].attempt_id, why, tuple(verdicts))


def in_parts(answer: Answer, verdicts: Sequence[Verdict]) -> Answer:
    """A refusal of a whole batch that settles only some of its messages."""
    return replace(
        answer, status=f"{answer.status.removesuffix(SPLIT)}{SPLIT}", verdicts=tuple(verdicts)
    )


def to_split(message_id: str) -> Verdict:
    """A message of a refused batch that goes again at once, with fewer others."""
    return Verdict(message_id, "retry", "split", costs_try=False)


def _lost(job: OpenJob) -> list[Verdict]:
    return [Verdict(one.message_id, "accepted", "job_outcome_unknown") for one in job.messages]


def _of_job(item: ItemVerdict) -> Verdict:
    state: Literal["accepted", "rejected", "bounced"] = "accepted"
    if item.outcome == "opted_out":
        return Verdict(item.item_id, "rejected", OPTED_OUT)
    if item.outcome in ("rejected", "not_sent"):
        state = "rejected"
    elif item.outcome == "bounced":
        state = "bounced"
    return Verdict(item.item_id, state, item.reason, provider_id=item.provider_id)


def _refusal(message: Claimed, error: Unsendable) -> ItemVerdict:
    return ItemVerdict(message.message_id, "rejected", error.reason)
