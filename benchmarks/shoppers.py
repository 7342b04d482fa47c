"""Signals and guards of a made-up customer base, in order of arrival, as large as wanted.

About 7.5 signals a customer over two years: orders, quotes, help pages and chats with a bot,
comparisons, cases, failed messages. The same numbers for the same customers, everywhere.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from baton.intake.arrow import Table

END = datetime(2026, 6, 1, 12)
SIGNALS_PER_CUSTOMER = 7.45

_BASE = """
create macro r(id, word) as (hash(id::varchar || word) % 1000000) / 1000000.0;
create macro happens(id, word, share) as r(id, word || '?') < share;
create macro moment(id, word) as
    $end::timestamp - to_seconds((r(id, word) * 730 * 86400)::bigint);
create table visits as
    select c * 100 + k as id, md5('customer' || c) as node_id
    from range($first, $first + $customers) as a(c), range(3) as b(k);
"""
_EVENTS = """
create table events as
with orders as (select *, moment(id, 'order') as t from visits where happens(id, 'order', 0.7)),
quotes as (select *, moment(id, 'quote') as t from visits where happens(id, 'quote', 0.3)),
helps as (select *, moment(id, 'help') as t from visits where happens(id, 'help', 0.35)),
chats as (select *, r(id, 'bot') as bot from helps where happens(id, 'chat', 0.6)),
comparisons as (
    select *, moment(id, 'compare') as t from visits where happens(id, 'compare', 0.1)
),
looks as (select *, moment(id, 'look') as t from visits where happens(id, 'look', 0.25)),
cases as (select *, moment(id, 'case') as t from visits where happens(id, 'case', 0.07)),
failures as (select *, moment(id, 'fail') as t from visits where happens(id, 'fail', 0.03))
select 'order_placed' as signal, node_id, null::varchar as correlation_key, t, id from orders
union all select 'quote_started', node_id, 'q' || id, t, id from quotes
union all
select 'quote_submitted', node_id, 'q' || id, t + to_seconds((r(id, 'wait') * 20000)::bigint), id
from quotes where happens(id, 'submit', 0.55)
union all select 'help_viewed', node_id, null, t, id from helps
union all select 'chat_asked', node_id, null, t + interval '10 minutes', id from chats
union all
select case when bot < 0.4 then 'bot_answered' when bot < 0.7 then 'bot_failed'
    else 'bot_handed_over' end, node_id, null, t + interval '12 minutes', id from chats
union all
select 'agent_answered', node_id, null, t + interval '22 minutes', id from chats where bot >= 0.7
union all select 'comparison_asked', node_id, null, t, id from comparisons
union all select 'product_viewed', node_id, null, t, id from looks
union all
select 'product_viewed', node_id, null, t + interval '1 day', -id
from comparisons where happens(id, 'return', 0.4)
union all select 'case_opened', node_id, null, t, id from cases
union all select 'message_failed', node_id, 'm' || id, t, id from failures
"""
_SIGNALS = """
select signal, md5(signal || id) as event_id, node_id, correlation_key,
    least(t, $end) as occurred_at, least(t + interval '30 seconds', $end) as loaded_at
from events order by loaded_at, event_id
"""
_GUARDS = """
with heard as (select *, md5(signal || id) as event_id, least(t, $end) as since from events)
select 'recent_buyer' as guard, event_id as subject_key, node_id, since,
    since + interval '60 days' as until, since as loaded_at
from heard where signal = 'order_placed'
union all
select 'high_value', event_id, node_id, since, timestamp '9999-12-31', since
from heard where signal = 'quote_started' and happens(id, 'high', 0.5)
union all
select 'open_case', event_id, node_id, since, since + interval '3 days', since
from heard where signal = 'case_opened'
"""
_BATCH = """
select s.signal, md5(s.signal || t.node_id || $number) as event_id, t.node_id,
    case when s.signal = 'quote_started' then t.node_id || $number end as correlation_key,
    $end::timestamp - interval '5 seconds' as occurred_at,
    $end::timestamp + to_seconds($number) as loaded_at
from (
    select md5('customer' || c) as node_id from range($customers) as a(c)
    order by hash(node_id || $number) limit $people
) as t
inner join (
    values (0, 'help_viewed'), (1, 'quote_started'), (2, 'order_placed'), (3, 'chat_asked')
) as s(no, signal) on hash(t.node_id) % 4 = s.no
"""


@dataclass(frozen=True)
class Shoppers:
    """The signals and guards of some customers, as tables for a scratch fold."""

    signals: Table
    guards: Table


def shoppers(customers: int, first: int = 0) -> Shoppers:
    """Make up the history of `customers` from number `first` on, up to `END` (naive UTC)."""
    with duckdb.connect() as con:
        for statement in (*_BASE.split(";\n"), _EVENTS):
            if statement.strip():
                con.execute(_filled(statement, end=END, first=first, customers=customers))
        return Shoppers(_table(con, _SIGNALS, end=END), _table(con, _GUARDS, end=END))


def batch(customers: int, number: int, people: int) -> Table:
    """Return one new signal for each of `people` of the customers; others for another number."""
    with duckdb.connect() as con:
        return _table(con, _BATCH, end=END, customers=customers, number=number, people=people)


def _table(con: duckdb.DuckDBPyConnection, sql: str, **values: object) -> Table:
    return con.execute(_filled(sql, **values)).to_arrow_table()


def _filled(sql: str, **values: object) -> str:
    for name, value in values.items():
        text = f"timestamp '{value}'" if isinstance(value, datetime) else str(value)
        sql = sql.replace(f"${name}", text)
    return sql
