"""Reading answers: paths, statuses, codes, verdicts per item."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from activation.destinations.http import expressions
from activation.destinations.http.settings import Answer, Check, Results, Statuses
from activation.destinations.http.variables import of_item
from activation.destinations.webhook import retry_after_seconds
from activation.exchange import (
    Failure,
    HttpAnswer,
    Item,
    ItemVerdict,
    Outcome,
    Unsendable,
    same_for_all,
)
from activation.quotas import wait_seconds
from baton.journal.clock import wall_clock

_HEADER = "header:"
_UNREADABLE = object()
_BY_CLASS, _BY_NUMBER = 1, 2
_FARTHEST = 10**14  # no float holds every number of a JSON text


@dataclass(frozen=True)
class Settled(HttpAnswer):
    """What a look-up decided: nothing needs to be written, or nothing can be."""

    outcome: Outcome = "accepted"
    reason: str = ""
    provider_id: str | None = None


def document(answer: HttpAnswer) -> Any:
    """The answer's JSON; empty content is null, what is not whole or no JSON is in no path."""
    if not answer.content.strip():
        return None
    try:
        return json.loads(answer.content) if answer.is_whole else _UNREADABLE
    except ValueError:
        return _UNREADABLE


def is_readable(answer: HttpAnswer) -> bool:
    """Whether its content is JSON, and whole."""
    return document(answer) not in (None, _UNREADABLE)


def at_path(content: Any, path: str) -> Any:
    """The value at keys and positions joined by dots (`data.0.id`), null where there is none."""
    for step in path.split(".") if path else ():
        if isinstance(content, list) and step.isdigit():
            entries = cast("list[Any]", content)
            content = entries[int(step)] if int(step) < len(entries) else None
        elif isinstance(content, dict):
            content = cast("dict[str, Any]", content).get(step)
        else:
            return None
    return content


def value_at(answer: HttpAnswer, path: str) -> Any:
    """The value at a path of the content, or of the header that `header:<name>` names."""
    if path.startswith(_HEADER):
        return answer.headers.get(path.removeprefix(_HEADER).lower())
    return at_path(document(answer), path)


def is_there(value: Any) -> bool:
    """Whether a value found is something."""
    return value is not None and value is not False and value not in ("", [], {})


def holds(check: Check, content: Any) -> bool:
    """Whether a check holds."""
    value = at_path(content, check.path)
    if check.values is None:
        return is_there(value)
    return _as_text(value) in {_as_text(wanted) for wanted in check.values}


def matches(status: int, statuses: Statuses) -> int:
    """How closely a status is named: by its number, by its class, or (0) not at all."""
    if status in statuses:
        return _BY_NUMBER
    return _BY_CLASS if f"{status // 100}xx" in statuses else 0


def outcome_of(status: int, form: Answer) -> Outcome:
    """What a status means."""
    if disables(status, form):
        return "throttled"
    lists: list[tuple[Outcome, Statuses]] = [
        ("throttled", form.throttled),
        ("not_sent", form.not_sent),
        ("ambiguous", form.ambiguous),
        ("accepted", form.accepted),
    ]
    for rank in (_BY_NUMBER, _BY_CLASS):
        for outcome, statuses in lists:
            if matches(status, statuses) == rank:
                return outcome
    return "rejected"


def disables(status: int, form: Answer) -> bool:
    """Whether a status switches the destination off: no other list names it as closely."""
    others = (form.throttled, form.not_sent, form.ambiguous, form.accepted)
    return matches(status, form.disable) > max(matches(status, other) for other in others)


class Reader:
    """Verdicts by the keys of `answer`."""

    def __init__(self, form: Answer) -> None:
        self._form = form
        self._results = ResultsReader(form.results, form) if form.results else None

    def verdicts(self, response: HttpAnswer | Failure, batch: Sequence[Item]) -> list[ItemVerdict]:
        """A verdict for each item."""
        if isinstance(response, Failure):
            return same_for_all(batch, response.kind, response.detail)
        if isinstance(response, Settled):
            return _settled(response, batch)
        outcome = outcome_of(response.status, self._form)
        content = document(response)
        if outcome != "accepted" or (self._form.ok and not holds(self._form.ok, content)):
            return self._failed(response, outcome, batch)
        if self._results:
            return self._results.verdicts(content, batch)
        return self._accepted(response, batch)

    def _accepted(self, answer: HttpAnswer, batch: Sequence[Item]) -> list[ItemVerdict]:
        own = value_at(answer, self._form.provider_id) if self._form.provider_id else None
        provider_id = _as_text(own) if is_there(own) else None
        reason = f"http {answer.status}"
        return [
            ItemVerdict(item.item_id, "accepted", reason, provider_id=provider_id) for item in batch
        ]

    def _failed(
        self, answer: HttpAnswer, outcome: Outcome, batch: Sequence[Item]
    ) -> list[ItemVerdict]:
        reason = f"http {answer.status}"
        if outcome == "accepted":
            is_read = is_readable(answer)
            outcome, reason = ("rejected", "not_ok") if is_read else ("ambiguous", "unreadable")
        if known := known_code(self._form, document(answer), self._form.code):
            outcome, reason = self._form.codes[known], known
        wait = self._wait(answer)
        disable = not known and disables(answer.status, self._form)
        return same_for_all(batch, outcome, reason, retry_after=wait, disable=disable)

    def _wait(self, answer: HttpAnswer) -> float | None:
        if self._form.wait:
            value = at_path(document(answer), self._form.wait.path)
            if isinstance(value, int | float) and value >= 0:
                unit = 1000 if self._form.wait.unit == "milliseconds" else 1
                return wait_seconds(min(value, _FARTHEST) / unit, wall_clock())
        return retry_after_seconds(answer.headers, wall_clock())


class ResultsReader:
    """Verdicts by the keys of `results`; an item that is not named is `ambiguous`."""

    def __init__(self, form: Results, answer: Answer) -> None:
        self._form = form
        self._answer = answer
        self._key = expressions.text(form.key, "results.key")

    def verdicts(self, content: Any, batch: Sequence[Item]) -> list[ItemVerdict]:
        """A verdict for each item."""
        entries = at_path(content, self._form.path)
        if content is _UNREADABLE or not isinstance(entries, list | None):
            return same_for_all(batch, "ambiguous", "unreadable")
        named = self._named(cast("list[Any]", entries or []))
        names = [self._name(position, item) for position, item in enumerate(batch)]
        return [
            self._verdict(item, named.get(name) if name is not None else None)
            for item, name in zip(batch, names, strict=True)
        ]

    def _named(self, entries: Sequence[Any]) -> dict[str, Any]:
        if self._form.by == "order":
            return {str(n): entry for n, entry in enumerate(entries)}
        named = [(at_path(entry, self._form.field or ""), entry) for entry in entries]
        return {_as_text(name): entry for name, entry in named if name is not None}

    def _name(self, position: int, item: Item) -> str | None:
        if self._form.by != "key":
            return str(position)
        try:
            return str(self._key.render(of_item(item)))
        except Unsendable:
            return None

    def _verdict(self, item: Item, entry: Any) -> ItemVerdict:
        failed_only = self._form.lists == "failed"
        if entry is None and not failed_only:
            return ItemVerdict(item.item_id, "ambiguous", "no_verdict")
        if entry is None or (not failed_only and self._is_good(entry)):
            path = self._form.provider_id
            own = at_path(entry, path) if path else None
            provider_id = _as_text(own) if is_there(own) else None
            return ItemVerdict(item.item_id, "accepted", "ok", provider_id=provider_id)
        known = known_code(self._answer, entry, self._form.code)
        outcome: Outcome = self._answer.codes[known] if known else "rejected"
        return ItemVerdict(item.item_id, outcome, known or "not_ok")

    def _is_good(self, entry: Any) -> bool:
        return self._form.ok is None or holds(self._form.ok, entry)


def known_code(form: Answer, content: Any, path: str | None) -> str | None:
    """The tool's code at a path, if `codes` names it: nothing else of an answer is recorded."""
    code = _as_text(at_path(content, path)) if path is not None else ""
    return code if code in form.codes else None


def _settled(answer: Settled, batch: Sequence[Item]) -> list[ItemVerdict]:
    return [
        ItemVerdict(item.item_id, answer.outcome, answer.reason, provider_id=answer.provider_id)
        for item in batch
    ]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
