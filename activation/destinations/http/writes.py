"""One write: look-ups in order, each kept under its name, then the request that they lead to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from activation.destinations.http.answers import (
    Settled,
    document,
    holds,
    is_readable,
    is_there,
    matches,
    outcome_of,
    value_at,
)
from activation.destinations.http.expressions import Expression, Values
from activation.destinations.http.requests import Base, Template
from activation.destinations.http.settings import Answer, Check, LookUp, RequestForm, Write
from activation.exchange import Failure, HttpAnswer, HttpRequest, Staged, Unsendable

Next = HttpRequest | Staged | HttpAnswer | Failure
_OK = 200


@dataclass(frozen=True)
class _Step:
    form: LookUp
    ask: Template
    create: Template | None


class WritePlan:
    """A write, compiled. Raises ValueError with the key of what is wrong."""

    def __init__(self, form: Write, key: str, base: Base, answer: Answer) -> None:
        self._base = base
        self._answer = answer
        self._steps = [_step(step, f"{key}.look_up.{step.name}") for step in form.look_up]
        self._request = _template(form.request, f"{key}.request")
        self._if_found = _template(form.if_found, f"{key}.if_found")

    def uses(self) -> list[tuple[Expression, frozenset[str]]]:
        """All that is rendered, each with the names of the look-ups that it may use."""
        known: frozenset[str] = frozenset()
        hung_on: frozenset[str] = frozenset()
        found: list[tuple[Expression, frozenset[str]]] = []
        for step in self._steps:
            templates = [step.ask, *([step.create] if step.create else [])]
            found += [(part, known) for template in templates for part in template.parts()]
            known |= {step.form.name}
            hung_on |= frozenset() if step.form.is_of_the_item else {step.form.name}
        for template, names in ((self._request, hung_on), (self._if_found, known)):
            found += [(part, names) for part in template.parts()] if template else []
        return found

    def request_parts(self) -> list[Expression]:
        """The strings of the request that writes."""
        return self._request.parts() if self._request else []

    def first(self, values: Values) -> HttpRequest | Staged:
        """The first request of an item. Raises Unsendable when a value does not fit."""
        begun = self._ask(0, values)
        if isinstance(begun, HttpRequest | Staged):
            return begun
        raise Unsendable("nothing_to_write")

    def _ask(self, position: int, values: Values) -> Next:
        if position == len(self._steps):
            asked_for_item = any(step.form.is_of_the_item for step in self._steps)
            return self._end(self._if_found if asked_for_item else self._request, values)
        first = self._steps[position].ask.render(self._base, values)
        return Staged(first, _or_rejected(partial(self._heard, position, values)))

    def _heard(self, position: int, values: Values, answer: HttpAnswer) -> Next:
        step = self._steps[position]
        is_absent = bool(matches(answer.status, step.form.absent))
        if not is_absent and (problem := self._problem(answer, step.form.ok)):
            return problem
        found = None if is_absent else value_at(answer, step.form.found)
        if is_there(found):
            return self._ask(position + 1, _with(values, step.form, found, answer))
        if step.form.required:
            return Settled(answer.status, outcome="rejected", reason=f"absent {step.form.name}")
        if step.create is None:
            return self._end(self._request, values)
        creation = step.create.render(self._base, values)
        return Staged(creation, _or_rejected(partial(self._made, position, values)))

    def _made(self, position: int, values: Values, answer: HttpAnswer) -> Next:
        form = self._steps[position].form
        if problem := self._problem(answer, form.ok):
            return problem
        made = value_at(answer, form.create.id) if form.create else None
        if not is_there(made):
            return Failure("not_sent", "look_up unreadable")
        return self._ask(position + 1, _with(values, form, made, answer))

    def _end(self, template: Template | None, values: Values) -> Next:
        if template:
            return template.render(self._base, values)
        found = [values.get(s.form.name) for s in self._steps if s.form.is_of_the_item]
        ids = [str(one["id"]) for one in found if isinstance(one, dict)]
        return Settled(
            _OK, outcome="accepted", reason="nothing_to_do", provider_id=ids[0] if ids else None
        )

    def _problem(self, answer: HttpAnswer, ok: Check | None) -> HttpAnswer | Failure | None:
        """What ends it: trouble of the tool is `not_sent`, for nothing of the item is written."""
        outcome = outcome_of(answer.status, self._answer)
        if outcome in ("ambiguous", "not_sent"):
            return Failure("not_sent", f"look_up http {answer.status}")
        if outcome != "accepted":
            return answer
        if not is_readable(answer):
            return Failure("not_sent", "look_up unreadable")
        is_ok = ok is None or holds(ok, document(answer))
        return None if is_ok else Failure("not_sent", "look_up not_ok")


def _step(form: LookUp, key: str) -> _Step:
    create = Template.of(form.create, f"{key}.create") if form.create else None
    return _Step(form, Template.of(form.request, f"{key}.request"), create)


def _template(form: RequestForm | Literal["accept"] | None, key: str) -> Template | None:
    return Template.of(form, key) if isinstance(form, RequestForm) else None


def _with(values: Values, form: LookUp, own_id: Any, answer: HttpAnswer) -> Values:
    read = {name: value_at(answer, path) for name, path in form.read.items()}
    return {**values, form.name: {**read, "id": own_id}}


def _or_rejected(go_on: Callable[[HttpAnswer], Next]) -> Callable[[HttpAnswer], Next]:
    def guarded(answer: HttpAnswer) -> Next:
        try:
            return go_on(answer)
        except Unsendable as error:
            return Settled(answer.status, outcome="rejected", reason=error.reason)

    return guarded
