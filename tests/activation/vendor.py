"""A tool of the tests: takes messages in batches of JSON, in any retry class, with jobs, look-ups.

Its requests carry ids alone. As a kind of destination it is given to `DestinationsConfig.load`.
"""

import json
from typing import Literal

from pydantic import HttpUrl

from activation.destinations import KINDS, Call, Kind
from activation.destinations.settings import Settings
from activation.destinations.webhook import retry_after_seconds
from activation.exchange import (
    Facts,
    Failure,
    HttpRequest,
    ItemVerdict,
    Job,
    Limit,
    Lookup,
    Window,
    same_for_all,
)
from baton.journal.clock import wall_clock

OUTCOMES = {200: "accepted", 400: "rejected", 410: "bounced", 429: "throttled", 500: "ambiguous"}


class VendorSettings(Settings):
    type: Literal["vendor"]
    url: HttpUrl
    retry_class: Literal["N", "U", "X"] = "U"
    batch: int = 1
    has_lookup: bool = False
    has_jobs: bool = False


def key_of(item):
    """What the tool knows a repeated item by."""
    return item.item_id


def build(batch, settings, at):
    body = json.dumps(
        {"items": [{"id": item.item_id, "key": key_of(item)} for item in batch]}
    ).encode()
    url, headers = f"{settings.url}send", {"content-type": "application/json"}
    return HttpRequest("POST", url, headers, body, settings.timeout_seconds)


def verdicts(response, batch):
    """207 tells of each item; whatever cannot be read leaves all of them open."""
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    reason = f"http {response.status}"
    if response.status == 207:
        return _each(response, batch)
    if response.status == 202:
        return same_for_all(batch, "accepted", reason)
    if response.status == 200:
        return _whole(response, batch, reason)
    if response.status == 429:
        wait = retry_after_seconds(response.headers, wall_clock())
        return same_for_all(batch, "throttled", reason, retry_after=wait)
    return same_for_all(batch, "rejected" if response.status < 500 else "ambiguous", reason)


def _whole(response, batch, reason):
    try:
        taken = {one["id"]: one["name"] for one in json.loads(response.content)["taken"]}
        return [
            ItemVerdict(item.item_id, "accepted", reason, provider_id=taken[item.item_id])
            for item in batch
        ]
    except (ValueError, KeyError, TypeError):
        return same_for_all(batch, "ambiguous", "answer_not_readable")


def _each(response, batch):
    try:
        told = {one["id"]: one["status"] for one in json.loads(response.content)["items"]}
    except (ValueError, KeyError, TypeError):
        return same_for_all(batch, "ambiguous", "answer_not_readable")
    return [
        ItemVerdict(item.item_id, OUTCOMES.get(told.get(item.item_id), "ambiguous"), "item")
        for item in batch
    ]


JOB = Job(
    id_of=lambda answer: json.loads(answer.content)["job"] if answer.status == 202 else None,
    build=lambda job, settings: HttpRequest("GET", f"{settings.url}jobs/{job}", {}, b""),
    verdicts=lambda answer, batch: None if answer.status == 202 else _each(answer, batch),
)
LOOKUP = Lookup(
    build=lambda item, settings, since: HttpRequest(
        "GET", f"{settings.url}items/{item.item_id}", {"since": since.isoformat()}, b""
    ),
    found=lambda answer, item: {200: True, 404: False}.get(answer.status),
)


def calls(settings):
    facts = Facts(
        auth="none",
        batch=settings.batch,
        limit=Limit(rate=1000, per_seconds=1, concurrency=20, more=(Window(100_000, 60),)),
        retry_class=settings.retry_class,
        source="the tests",
    )
    job = JOB if settings.has_jobs else None
    return {"messages": Call(facts, build, verdicts, job, LOOKUP if settings.has_lookup else None)}


WITH_VENDOR = {**KINDS, "vendor": Kind(VendorSettings, calls)}
