"""Proof from first records: was anything received that was not allowed when it was claimed?

Reads `raw.*` of the warehouse, the journal's database and the receivers' own log; nothing that
identity, consent or decisions made of them. The rules are written down once more, in SQL.

Known is what was loaded by then. A no to messages counts up to the claim, an open case up to the
hand-over that the claim relied on, which must not be older than 15 minutes.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from baton.warehouse import reader

_CHECKED_WITHIN = "interval '15 minutes'"


@dataclass(frozen=True)
class Finding:
    """A received message and what spoke against it."""

    kind: str
    message_id: str
    message_class: str
    channel: str


@dataclass(frozen=True)
class Evidence:
    """How many messages were received and judged, and what was found."""

    received: int
    findings: tuple[Finding, ...]

    def kinds(self) -> set[str]:
        """The kinds of finding."""
        return {one.kind for one in self.findings}


def evidence(warehouse: Path, journal: Path, received: Path) -> Evidence:
    """Judge every message in the log `received` (`received.jsonl` of the receivers)."""
    with reader(warehouse) as con:
        con.register("received", _received(received))
        for name, sql in _JOURNAL.items():
            con.register(name, _journal(journal, sql))
        con.execute(f"create temp table claims as {_CLAIMS}")
        con.execute(f"create temp table people as {_PEOPLE}")
        count = con.execute("select count(*) from received").fetchone()
        rows = con.execute(_FINDINGS).fetchall()
    return Evidence(int(count[0]) if count else 0, tuple(Finding(*row) for row in rows))


def _received(log: Path) -> Any:
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    events = (json.loads(line) for line in lines)
    names = ("at", "message_id", "recipient")
    kept = [
        {name: event.get(name) for name in names}
        for event in events
        if event["status"] in {"accepted", "repeated"}
    ]
    return _table(kept, names)


def _journal(journal: Path, sql: str) -> Any:
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as con:
        con.row_factory = sqlite3.Row
        result = con.execute(sql)
        names = [column[0] for column in result.description]
        return _table([dict(row) for row in result], names)


def _table(rows: list[dict[str, Any]], names: Sequence[str]) -> Any:
    schema = pa.schema([(name, pa.string()) for name in names])
    texts = [{k: None if v is None else str(v) for k, v in row.items()} for row in rows]
    return pa.Table.from_pylist(texts, schema=schema)


_JOURNAL = {
    "messages": (
        "select message_id, node_id, channel, message_class, brand, checked_at from messages"
    ),
    "requests": (
        "select i.message_id, a.claimed_at, a.claimed_wall_at from attempt_items as i "
        "join attempts as a on i.attempt_id = a.attempt_id"
    ),
}

_EMAIL = "lower(trim({0}))"
_PHONE = """case
    when trim({0}) like '+%' then '+' || regexp_replace({0}, '[^0-9]', '', 'g')
    else '+1' || right(regexp_replace({0}, '[^0-9]', '', 'g'), 10) end"""


def _names(table: str, record: str, **columns: str) -> str:
    """One row per record and identifier in it, with the time from which it was known."""
    forms = {"email": _EMAIL, "phone": _PHONE}
    return " union all ".join(
        f"""select '{table}' || {record} || _loaded_seq as record, _loaded_at,
            '{kind}:' || {forms.get(kind, "trim({0})").format(column)} as identifier,
            md5('node' || chr(31) || '{kind}' || chr(31)
                || {forms.get(kind, "trim({0})").format(column)}) as node_id
        from raw.{table} where nullif(trim({column}), '') is not null"""
        for kind, column in columns.items()
    )


_NAMED = " union all ".join(
    (
        _names("crm_contacts", "contact_id",
               crm_contact="contact_id", email="email", phone="phone"),
        _names("web_events", "event_id", user="user_id", email="email", anonymous="anonymous_id"),
        _names("chat_messages", "message_id",
               crm_contact="contact_id", email="email", anonymous="anonymous_id"),
        _names("service_cases", "case_id",
               crm_contact="contact_id", email="email", phone="phone"),
        _names("consent_statements", "statement_id",
               crm_contact="contact_id", email="email", phone="phone"),
    )
)  # fmt: skip

_CLAIMS = f"""
select r.message_id, r.recipient, m.node_id, m.channel, m.message_class, m.brand,
    cast(m.checked_at as timestamp) as checked_at,
    cast(q.claimed_at as timestamp) as claimed_at,
    case m.channel
        when 'email' then 'email:' || {_EMAIL.format("r.recipient")}
        when 'sms' then 'phone:' || {_PHONE.format("r.recipient")}
    end as address,
    row_number() over (order by r.at, r.message_id) as claim
from received as r
left join messages as m on r.message_id = m.message_id
left join requests as q
    on r.message_id = q.message_id
    and cast(q.claimed_wall_at as timestamp) <= cast(r.at as timestamp) + interval '1 millisecond'
qualify row_number() over (
    partition by r.message_id, r.at order by q.claimed_wall_at desc
) = 1
"""

_PEOPLE = f"""
with recursive named as ({_NAMED}),
reached as (
    select c.claim, c.claimed_at, n.identifier
    from claims as c inner join named as n
        on (c.address = n.identifier or c.node_id = n.node_id) and n._loaded_at <= c.claimed_at
    union
    select r.claim, r.claimed_at, o.identifier
    from reached as r
    inner join named as n on r.identifier = n.identifier and n._loaded_at <= r.claimed_at
    inner join named as o on n.record = o.record
)
select claim, identifier from reached
"""

_FINDINGS = f"""
with statements as (
    select _loaded_at, channel, purpose, coalesce(brand, 'main') as brand, granted,
        least(stated_at, _loaded_at) as said_at,
        case channel
            when 'sms' then 'phone:' || {_PHONE.format("phone")}
            else 'email:' || {_EMAIL.format("email")}
        end as address,
        case when email is null and phone is null
            then 'crm_contact:' || trim(contact_id) end as subject
    from raw.consent_statements
    union all
    select _loaded_at, channel, unnest(['marketing', 'sales']), 'all', false,
        least(occurred_at, _loaded_at),
        case channel
            when 'sms' then 'phone:' || {_PHONE.format("address")}
            else 'email:' || {_EMAIL.format("address")}
        end, null
    from raw.messaging_receipts where status = 'unsubscribed'
    union all
    select _loaded_at, 'all', 'all', 'all', false, least(occurred_at, _loaded_at), null,
        coalesce(
            'crm_contact:' || trim(contact_id), 'email:' || {_EMAIL.format("email")},
            'anonymous:' || trim(anonymous_id)
        )
    from raw.chat_messages where intent = 'opt_out'
    union all
    select _loaded_at, 'all', 'all', 'all', false, least(opened_at, _loaded_at), null,
        coalesce(
            'crm_contact:' || trim(contact_id), 'email:' || {_EMAIL.format("email")},
            'phone:' || {_PHONE.format("phone")}
        )
    from raw.service_cases where topic = 'opt_out'
    union all
    select min(_loaded_at), 'email', 'all', 'all', false, min(least(updated_at, _loaded_at)), null,
        'crm_contact:' || trim(contact_id)
    from raw.crm_contacts where email_opt_out group by contact_id
),
heard as (
    select c.claim, s.subject, s.granted, s.said_at,
        row_number() over (
            partition by c.claim, s.subject order by s.said_at desc, s.granted
        ) as recency
    from claims as c
    inner join statements as s
        on s.channel in (c.channel, 'all') and s.purpose in (c.message_class, 'all')
        and s.brand in (c.brand, 'all') and s._loaded_at <= c.claimed_at
        and (
            (s.subject is null and s.address = c.address)
            or s.subject in (select p.identifier from people as p where p.claim = c.claim)
        )
),
latest as (select * from heard where recency = 1),
allowed as (
    select c.claim,
        case
            when bool_or(l.granted) filter (where l.subject is null) is null
                then bool_and(l.granted) filter (where l.subject is not null)
            else bool_and(l.granted) filter (where l.subject is null)
                and not coalesce(
                    max(l.said_at) filter (where l.subject is not null and not l.granted)
                    >= max(l.said_at) filter (where l.subject is null), false
                )
        end as is_allowed
    from claims as c left join latest as l on c.claim = l.claim
    group by c.claim
),
case_versions as (
    select c.claim, k.*,
        row_number() over (
            partition by c.claim, k.case_id order by k.updated_at desc, k._loaded_seq desc
        ) as recency
    from claims as c
    inner join raw.service_cases as k on k._loaded_at <= c.checked_at
),
open_cases as (
    select distinct k.claim
    from case_versions as k
    inner join people as p
        on k.claim = p.claim and p.identifier in (
            'crm_contact:' || trim(k.contact_id),
            'email:' || {_EMAIL.format("k.email")},
            'phone:' || {_PHONE.format("k.phone")}
        )
    where k.recency = 1 and k.status <> 'closed' and not k._deleted
),
ended as (
    select distinct c.claim
    from claims as c
    inner join raw.messaging_receipts as r
        on r.channel = c.channel and r._loaded_at <= c.claimed_at
        and r.status in ('bounced', 'complained', 'stopped')
        and c.address in (
            'email:' || {_EMAIL.format("r.address")}, 'phone:' || {_PHONE.format("r.address")}
        )
    where r.status <> 'stopped' or not exists (
        select 1 from raw.messaging_receipts as n
        where n.status = 'started' and n.channel = r.channel and n.address = r.address
            and n.occurred_at > r.occurred_at and n._loaded_at <= c.claimed_at
    )
)
select 'not_in_the_journal', message_id, '', '' from claims where message_class is null
union all
select 'never_claimed', message_id, message_class, channel from claims
where message_class is not null and claimed_at is null
union all
select 'no_consent', c.message_id, c.message_class, c.channel
from claims as c inner join allowed as a on c.claim = a.claim
where c.address is not null and c.message_class in ('marketing', 'sales')
    and not coalesce(a.is_allowed, false)
union all
select 'suppressed', c.message_id, c.message_class, c.channel
from claims as c inner join ended as e on c.claim = e.claim
union all
select 'open_case', c.message_id, c.message_class, c.channel
from claims as c inner join open_cases as o on c.claim = o.claim
where c.message_class in ('marketing', 'sales')
union all
select 'stale_check', message_id, message_class, channel
from claims where claimed_at > checked_at + {_CHECKED_WITHIN}
order by all
"""
