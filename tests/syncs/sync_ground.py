"""A small warehouse, a tool that remembers what it was told, and syncs between them."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb

from activation.config import Destination
from activation.destinations.settings import LimitOverride, Settings
from activation.exchange import (
    Call,
    Exchange,
    Facts,
    Failure,
    HttpAnswer,
    HttpRequest,
    ItemVerdict,
    Limit,
    same_for_all,
)
from activation.syncs import Ground, Relations, Sync
from activation.syncs.declared import Breaker, Consent, Mapped

NOON = datetime(2026, 3, 2, 12, 0)
MINUTE = timedelta(minutes=1)
RELATIONS = Relations(
    model="members", reachable="reachable", suppressed="suppressed", aliases="aliases"
)
LOOSE = Breaker(max_removals=1_000_000, max_share=1, fresh_within="1 day")

AUDIENCE = Sync(
    name="lapsed",
    owner="marketing",
    model="members",
    destination="tool",
    purpose="audiences",
    key=("person_id",),
    fields=(
        Mapped("person_id", "external_id", "skip", is_personal=False),
        Mapped("email", "email", "skip", is_personal=True),
        Mapped("name", "first_name", "clear", is_personal=True),
    ),
    is_key_personal=False,
    audience="lapsed",
    consent=Consent(address="email", channel="email"),
    breaker=LOOSE,
)
PROFILES = replace(AUDIENCE, name="people", purpose="profiles", consent=None, when_gone="keep")
CONTEXTS = Sync(
    name="contexts",
    owner="service",
    model="handed",
    destination="tool",
    purpose="contexts",
    key=("handoff_id",),
    fields=(
        Mapped("handoff_id", "handoff", "skip", is_personal=False),
        Mapped("person_id", "customer", "skip", is_personal=False),
        Mapped("summary", "note", "skip", is_personal=False),
    ),
    is_key_personal=False,
    person="person_id",
    breaker=LOOSE,
)
SUPPRESSIONS = Sync(
    name="stops",
    owner="privacy",
    model="stopped",
    destination="tool",
    purpose="suppressions",
    key=("channel", "address"),
    fields=(
        Mapped("channel", "channel", "skip", is_personal=False),
        Mapped("address", "email", "skip", is_personal=True),
    ),
    is_key_personal=True,
    consent=Consent(address="address", channel_column="channel"),
    since="since",
    breaker=LOOSE,
)


class Warehouse:
    """Tables as a batch leaves them."""

    def __init__(self):
        self.con = duckdb.connect()
        self.con.execute("create schema raw")
        self.con.execute("create table members (person_id varchar, email varchar, name varchar)")
        self.con.execute(
            "create table handed (handoff_id varchar, person_id varchar, summary varchar)"
        )
        self.con.execute("create table stopped (channel varchar, address varchar, since timestamp)")
        self.con.execute(
            "create table reachable (channel varchar, address varchar, purpose varchar,"
            " brand varchar, consent_at timestamp)"
        )
        self.con.execute("create table suppressed (person_id varchar)")
        self.con.execute("create table aliases (alias_id varchar, person_id varchar)")
        self.con.execute("create table raw.windows (batch_time timestamp, state varchar)")
        self.batch(NOON)

    def batch(self, at):
        self.con.execute("insert into raw.windows values (?, 'committed')", [at])

    def hold(self, table, rows):
        self.con.execute(f"delete from {table}")
        if rows:
            one = f"({', '.join('?' * len(rows[0]))})"
            values = [value for row in rows for value in row]
            self.con.execute(f"insert into {table} values {', '.join([one] * len(rows))}", values)

    def members(self, people, allowed=None, at=NOON - MINUTE):
        """`people`: name by person id; `allowed`: who has said yes, by default all."""
        rows = [(id_, f"{id_}@mail.example", name) for id_, name in people.items()]
        self.hold("members", rows)
        self.allow(people if allowed is None else allowed, at)

    def allow(self, ids, at=NOON - MINUTE):
        rows = [("email", f"{id_}@mail.example", "marketing", "main", at) for id_ in ids]
        self.hold("reachable", rows)

    @contextmanager
    def opened(self):
        yield self.con


class Crash(BaseException):
    """The process ends here."""


_REFUSALS = {
    "throttle": HttpAnswer(429),
    "forbidden": HttpAnswer(403),
    "lost": Failure("ambiguous", "http timeout"),
}


class Tool:
    """What a tool holds by key, the requests that reached it, and how it answers.

    Answers are taken in turn, the last one for ever: `ok`, `throttle`, `not_sent`, `lost` and
    `unheard` (no answer, nothing or all of it applied), `whole` (400 if a row is bad),
    `some` (bad rows refused), `forbidden`, `crash_before`, `crash_after`.
    """

    def __init__(self, *answers, bad=()):
        self.held = {}
        self.answers = list(answers) or ["ok"]
        self.bad = set(bad)
        self.requests = []
        self.on_request = lambda _rows: None

    async def send(self, request):
        body = json.loads(request.content)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "crash_before":
            raise Crash
        if answer == "not_sent":
            return _exchange(Failure("not_sent", "http refused"), sent=False)
        self.requests.append(body)
        self.on_request(body["rows"])
        bad = [row["key"] for row in body["rows"] if row["key"] in self.bad]
        if answer in _REFUSALS or (answer == "whole" and bad):
            return _exchange(_REFUSALS.get(answer, HttpAnswer(400)))
        self._apply(body, bad)
        if answer == "crash_after":
            raise Crash
        if answer == "unheard":
            return _exchange(Failure("ambiguous", "http reset"))
        return _exchange(HttpAnswer(200, {}, json.dumps({"refused": bad}).encode()))

    def _apply(self, body, bad):
        for row in body["rows"]:
            if row["key"] in bad:
                continue
            if body["op"] == "upsert":
                self.held[row["key"]] = row["fields"]
            else:
                self.held.pop(row["key"], None)

    def destination(self, batch=3, **settings):
        facts = Facts("none", batch, Limit(100_000, 1, 4), "U", "the tests")
        call = Call(facts, _build, _verdicts)
        purposes = ("profiles", "audiences", "suppressions", "contexts", "actions")
        limit = LimitOverride(rate=100_000)
        return Destination("tool", Settings(limit=limit, **settings), dict.fromkeys(purposes, call))


def ground(journal, warehouse, tool, *, batch=3, now=lambda: NOON, **more):
    destination = tool.destination(batch)
    return Ground(
        ledger=journal.syncs,
        now=now,
        warehouse=warehouse.opened,
        relations=lambda sync: replace(RELATIONS, model=sync.model),
        destination=lambda _sync: destination,
        send=tool.send,
        **more,
    )


def _exchange(response, *, sent=True):
    return Exchange(response, NOON if sent else None, NOON)


def _build(batch, _settings, _at):
    rows = [{"key": one.item_id, "fields": dict(one.fields)} for one in batch]
    body = {"op": batch[0].op, "rows": rows, "ids": [one.external_id for one in batch]}
    return HttpRequest("POST", "http://tool.example", {}, json.dumps(body).encode())


def _verdicts(response, batch):
    if isinstance(response, Failure):
        return same_for_all(batch, response.kind, response.detail)
    if response.status == 429:
        return same_for_all(batch, "throttled", "http 429", retry_after=0)
    if response.status != 200:
        return same_for_all(batch, "rejected", f"http {response.status}")
    refused = set(json.loads(response.content)["refused"])
    return [
        ItemVerdict(one.item_id, "rejected", "bad_row")
        if one.item_id in refused
        else ItemVerdict(one.item_id, "accepted", "http 200", provider_id=f"t-{one.item_id}")
        for one in batch
    ]
