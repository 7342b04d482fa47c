"""One purpose, compiled: its call, and the checks of its templates when the settings are read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from activation.destinations.http import expressions
from activation.destinations.http.answers import Reader
from activation.destinations.http.expressions import Expression
from activation.destinations.http.follow_ups import job_of, lookup_of
from activation.destinations.http.requests import Base, Template
from activation.destinations.http.settings import HttpSettings, PurposeForm
from activation.destinations.http.variables import OF_CHANGE, OF_MESSAGE, of_item
from activation.destinations.http.writes import WritePlan
from activation.destinations.kind import Purpose
from activation.exchange import (
    Call,
    Change,
    Facts,
    Item,
    ItemVerdict,
    Job,
    Request,
    Unsendable,
)

_Judge = Callable[[Sequence[Item]], list[ItemVerdict] | None]
_NO_KEY = "retry_class N needs {{ item_id }} in the request: it is the key that the tool knows"


class PurposePlan:
    """How one purpose is served. Raises ValueError with the key of what is wrong."""

    def __init__(self, form: PurposeForm, purpose: Purpose, base: Base) -> None:
        self._form = form
        self._base = base
        self._write = WritePlan(form, purpose, base, form.answer)
        removal = form.remove
        self._remove = (
            WritePlan(removal, f"{purpose}.remove", base, form.answer) if removal else None
        )
        self._item = expressions.structure(form.item, f"{purpose}.item") if form.item else None
        of_item = OF_MESSAGE if purpose in ("messages", "erasures") else OF_CHANGE
        self._check(purpose, of_item)

    def call(self, settings: HttpSettings, most_requests: int) -> Call:
        """The call, with the limit that is left when items take up to so many requests."""
        facts = Facts(
            auth=settings.auth.type,
            batch=self._form.batch,
            limit=settings.limit.for_items(most_requests),
            retry_class=self._form.retry_class,
            source=self._form.source,
        )
        form, base = self._form, self._base
        reader = Reader(form.answer)
        return Call(
            facts,
            self._build,
            lambda response, batch: self._judged(batch, partial(reader.verdicts, response)) or [],
            job=self._job(job_of(form.job, form.answer, base)) if form.job else None,
            lookup=lookup_of(form.reconcile, form.answer, base) if form.reconcile else None,
        )

    def _build(self, batch: Sequence[Item], _settings: HttpSettings, _at: datetime) -> Request:
        plan = self._plan_for(batch)
        if self._item is None:
            (item,) = batch
            return plan.first(of_item(item))
        sent, refused = self._sorted(batch)
        if not sent:
            raise Unsendable(refused[0].reason)
        return plan.first({"items": [rendered for _item, rendered in sent]})

    def _job(self, job: Job) -> Job:
        def verdicts(response: Any, batch: Sequence[Any]) -> list[ItemVerdict] | None:
            return self._judged(batch, partial(job.verdicts, response))

        return replace(job, verdicts=verdicts)

    def _judged(self, batch: Sequence[Item], judge: _Judge) -> list[ItemVerdict] | None:
        """The verdicts of what was sent, and of what a batch had to leave out."""
        sent, refused = self._sorted(batch)
        verdicts = judge([item for item, _rendered in sent])
        return None if verdicts is None else [*verdicts, *refused]

    def _sorted(self, batch: Sequence[Item]) -> tuple[list[tuple[Item, object]], list[ItemVerdict]]:
        """Items with what they render to, and those that cannot go: one must not stop the rest."""
        sent: list[tuple[Item, object]] = []
        refused: list[ItemVerdict] = []
        for item in batch:
            try:
                sent.append((item, self._item.render(of_item(item)) if self._item else None))
            except Unsendable as error:
                refused.append(ItemVerdict(item.item_id, "rejected", error.reason))
        return sent, refused

    def _plan_for(self, batch: Sequence[Item]) -> WritePlan:
        if self._remove is None:
            return self._write
        operations = {item.op if isinstance(item, Change) else "upsert" for item in batch}
        if len(operations) > 1:
            raise ValueError("upserts and removals are two requests here: cut the batch by op")
        return self._remove if operations == {"remove"} else self._write

    def _check(self, purpose: Purpose, of_item: frozenset[str]) -> None:
        whole = frozenset({"items"}) if self._item else of_item
        for plan in (self._write, *([self._remove] if self._remove else [])):
            for part, names in plan.uses():
                _check_names(part, whole | names)
        parts = self._write.request_parts()
        if self._item:
            parts += self._item.leaves()
            for leaf in self._item.leaves():
                _check_names(leaf, of_item)
            if not any("items" in part.uses for part in parts):
                raise ValueError(f"{purpose}: no template of the request uses items")
        if self._form.retry_class == "N" and not any("item_id" in part.uses for part in parts):
            raise ValueError(f"{purpose}: {_NO_KEY}")
        self._check_further(purpose, of_item)

    def _check_further(self, purpose: Purpose, of_item: frozenset[str]) -> None:
        answer, job, reconcile = self._form.answer, self._form.job, self._form.reconcile
        for results in (answer.results, job.results if job else None):
            if results:
                _check_names(expressions.text(results.key, f"{purpose}.results.key"), of_item)
        if job:
            for part in Template.of(job.request, f"{purpose}.job.request").parts():
                _check_names(part, frozenset({"job_id"}))
        if reconcile:
            for part in Template.of(reconcile.request, f"{purpose}.reconcile.request").parts():
                _check_names(part, of_item | {"since"})


def _check_names(part: Expression, known: frozenset[str]) -> None:
    if unknown := part.uses - known - {"omit"}:
        names = ", ".join(sorted(unknown))
        raise ValueError(f"{part.key} uses {names}: use {', '.join(sorted(known))}")
