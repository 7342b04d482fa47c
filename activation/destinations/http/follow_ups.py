"""What follows a request: polling the job that it started, and asking after an attempt in doubt."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activation.destinations.http.answers import (
    ResultsReader,
    document,
    holds,
    is_readable,
    is_there,
    matches,
    outcome_of,
    value_at,
)
from activation.destinations.http.requests import Base, Template
from activation.destinations.http.settings import Answer, HttpSettings, JobForm, Reconcile
from activation.destinations.http.variables import iso, of_item
from activation.exchange import (
    Failure,
    HttpAnswer,
    HttpRequest,
    Item,
    ItemVerdict,
    Job,
    Lookup,
    same_for_all,
)


def job_of(form: JobForm, answer: Answer, base: Base) -> Job:
    """How a job is polled for: trouble on the way is asked again, a lost job is in doubt."""
    template = Template.of(form.request, "job.request")
    results = ResultsReader(form.results, answer) if form.results else None

    def id_of(first: HttpAnswer) -> str | None:
        found = value_at(first, form.id)
        return str(found) if is_there(found) else None

    def build(job_id: str, _settings: HttpSettings) -> HttpRequest:
        return template.render(base, {"job_id": job_id})

    def verdicts(response: HttpAnswer | Failure, batch: Sequence[Item]) -> list[ItemVerdict] | None:
        if isinstance(response, Failure):
            return None
        outcome = outcome_of(response.status, answer)
        if outcome == "rejected":
            return same_for_all(batch, "ambiguous", f"job http {response.status}")
        return judged(document(response), batch) if outcome == "accepted" else None

    def judged(content: Any, batch: Sequence[Item]) -> list[ItemVerdict] | None:
        if form.failed and holds(form.failed, content):
            return same_for_all(batch, "rejected", "job_failed")
        if not holds(form.done, content):
            return None
        done = same_for_all(batch, "accepted", "job_done")
        return results.verdicts(content, batch) if results else done

    return Job(id_of, build, verdicts)


def lookup_of(form: Reconcile, answer: Answer, base: Base) -> Lookup:
    """How an item in doubt is asked for; what is no clear answer leaves it open."""
    template = Template.of(form.request, "reconcile.request")

    def build(item: Item, _settings: HttpSettings, since: datetime) -> HttpRequest:
        return template.render(base, {**of_item(item), "since": iso(since)})

    def found(response: Any, _item: Item) -> bool | None:
        if not isinstance(response, HttpAnswer):
            return None
        if matches(response.status, form.absent):
            return False
        if outcome_of(response.status, answer) != "accepted" or not is_readable(response):
            return None
        return is_there(value_at(response, form.found))

    return Lookup(build, found)
