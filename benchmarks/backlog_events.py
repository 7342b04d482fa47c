"""Two years and some days of a made-up shop, written as the files its sources would deliver.

The same rows for the same size, everywhere. Until `GO_LIVE` a customer base comes into being; from
then on they visit: start quotes and submit some in time, order, compare, ask the bot, open cases,
give and withdraw consent, and log in at once, hours later or never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

GO_LIVE = datetime(2026, 6, 1, 6)
TABLES: Mapping[str, tuple[str, str]] = {
    "chat.messages": ("occurred_at", "jsonl"),
    "consent.statements": ("stated_at", "jsonl"),
    "crm.contacts": ("exported_at", "csv"),
    "service.cases": ("updated_at", "jsonl"),
    "shop.orders": ("ordered_at", "parquet"),
    "web.events": ("occurred_at", "jsonl"),
}
_FORMATS = {"jsonl": "format json", "csv": "format csv, header", "parquet": "format parquet"}

_MACROS = """
create macro r(id, word) as (hash(id::varchar || word) % 1000000) / 1000000.0;
create macro happens(id, word, share) as r(id, word || '?') < share;
create macro later(since, seconds) as since + to_milliseconds((seconds * 1000)::bigint);
create macro moment(id, word) as later($live, -pow(r(id, word), 2) * 730 * 86400);
create macro email(c) as 'customer' || c || '@post.example';
create macro quote(id) as {'quote_id': 'q' || id, 'product': 'garden_set',
    'value': case when happens(id, 'high', 0.5) then 650 else 120 end}
"""
_CUSTOMERS = """
create table customers as
select
    c,
    'c' || c as contact_id,
    'd' || c as device,
    case when happens(c, 'email consent', 0.7) then 'email' end as email_channel,
    case when happens(c, 'sms consent', 0.3) then 'sms' end as sms_channel,
    happens(c, 'known device', 0.8) as is_device_known
from range($customers) as t(c)
"""
_VISITS = """
create table visits as
with planned as (
    select
        v as id,
        (hash(v || 'who') % $customers)::bigint as c,
        later($live, r(v, 'when') * $hours * 3600) as began,
        happens(v, 'new device', 0.3) as is_elsewhere,
        case
            when happens(v, 'late login', 0.15) then r(v, 'login') * 36000
            when happens(v, 'login', 0.5) then 60 + r(v, 'login') * 120
        end as login_after
    from range($visits) as t(v)
)
select
    id,
    c,
    began,
    case when is_elsewhere then 'v' || id else 'd' || c end as device,
    later(began, login_after) as login_at
from planned
"""
_WEB = """
create table web_events as
with seen as (
    select id, 'login' as event, login_at as t, null as path, 0 as no
    from visits where login_at is not null
    union all
    select id, 'quote_started', later(began, 240 + r(id, 'q') * 600), null, 0
    from visits where happens(id, 'quote', 0.3)
    union all
    select id, 'quote_submitted', later(began, 900 + r(id, 's') * 18000), null, 0
    from visits where happens(id, 'quote', 0.3) and happens(id, 'submit', 0.5)
    union all
    select id, 'product_view', later(began, r(id, 'p' || k) * 3600), null, k
    from visits, range(3) as t(k) where happens(id, 'look' || k, 0.5)
    union all
    select id, 'page_view', later(began, 120), '/help/delivery', 0
    from visits where happens(id, 'chat', 0.2)
    union all
    select id, 'page_view', later(began, 420), '/help/returns', 1
    from visits where happens(id, 'chat', 0.2) and happens(id, 'back', 0.5)
    union all
    select (hash(k || 'visit') % $visits)::bigint, 'page_view', null, '/garden', 2 + k
    from range($pages) as t(k)
),
placed as (
    select s.* replace (coalesce(s.t, later(v.began, r(s.no, 'page') * 1800)) as t), v.c, v.device,
        v.login_at
    from seen as s inner join visits as v using (id)
)
select
    'e' || id || event || no as event_id,
    device as anonymous_id,
    case when login_at <= t then 'u' || c end as user_id,
    case when event = 'login' then email(c) end as email,
    event,
    case
        when event in ('quote_started', 'quote_submitted') then to_json(quote(id))
        when path is not null then to_json({'path': path})
        else to_json({'product': 'garden_set'})
    end as properties,
    t as occurred_at
from placed
where t < $until
union all by name
select
    'l' || c as event_id, device as anonymous_id, 'u' || c as user_id, email(c) as email,
    'login' as event, to_json({'path': '/'}) as properties, moment(c, 'first') as occurred_at
from customers where is_device_known
union all by name
select
    event || 'h' || c as event_id, device as anonymous_id, email(c) as email, event,
    to_json(quote('h' || c)) as properties,
    later(moment(c, 'quote'), case event when 'quote_started' then 0 else r(c, 's') * 18000 end)
        as occurred_at
from customers, unnest(['quote_started', 'quote_submitted']) as t(event)
where event = 'quote_started' or happens(c, 'submit', 0.5)
"""
_CHAT = """
create table chat_messages as
with talks as (
    select *, r(id, 'bot') as bot, happens(id, 'compares', 0.4) as compares
    from visits where happens(id, 'chat', 0.2)
),
said as (
    select *, 'customer' as author, 300 as after,
        case when compares then 'comparison_question' else 'question' end as intent
    from talks
    union all
    select *, 'bot', 310, case when bot < 0.5 then 'answer' else 'not_understood' end
    from talks
    union all
    select *, 'customer', 600, 'question' from talks where bot >= 0.5
    union all
    select *, 'bot', 610, case when bot < 0.75 then 'not_understood' else 'handover' end
    from talks where bot >= 0.5
    union all
    select *, 'agent', 700 + r(id, 'agent') * 2400,
        case when happens(id, 'again', 0.2) then 'ask_detail' else 'answer' end
    from talks where bot >= 0.6
)
select
    'm' || id || author || after::int as message_id,
    'v' || id as conversation_id,
    device as anonymous_id,
    case when happens(id, 'typed', 0.3) then email(c) end as email,
    case when login_at <= began then 'c' || c end as contact_id,
    author,
    intent,
    'words' as text,
    to_json({'product': 'garden_set', 'compared_with': 'balcony_set'}) as properties,
    later(began, after) as occurred_at
from said
where later(began, after) < $until
"""
_CASES = """
create table service_cases as
with opened as (
    select 'k' || id as case_id, c, later(began, r(id, 'case at') * 7200) as opened_at,
        r(id, 'open for') * 2 * 86400 as open_s
    from visits where happens(id, 'case', 0.06)
    union all
    select 'kh' || c, c, moment(c, 'case'), r(c, 'open for') * 2 * 86400
    from customers where happens(c, 'case', 0.2)
)
select
    case_id,
    'c' || c as contact_id,
    null::varchar as email,
    null::varchar as phone,
    'delivery' as topic,
    status,
    'normal' as priority,
    opened_at,
    case when status = 'closed' then later(opened_at, open_s) end as closed_at,
    case when status = 'closed' then later(opened_at, open_s) else opened_at end as updated_at
from opened, unnest(['open', 'closed']) as t(status)
where case when status = 'closed' then later(opened_at, open_s) else opened_at end < $until
"""
_CONSENT = """
create table consent_statements as
with said as (
    select c, channel, true as granted, moment(c, channel || ' yes') as stated_at
    from customers, unnest([email_channel, sms_channel]) as t(channel) where channel is not null
    union all
    select c, channel, not happens(c, 'withdraws', 0.5), later($live, r(c, 'mind') * $hours * 3600)
    from customers, unnest(['email', 'sms']) as t(channel) where happens(c, 'mind', 0.1)
)
select
    's' || c || channel || purpose || stated_at as statement_id,
    'c' || c as contact_id,
    case channel when 'email' then email(c) end as email,
    case channel when 'sms' then '+1555' || lpad(c::varchar, 7, '0') end as phone,
    channel,
    purpose,
    'main' as brand,
    granted,
    stated_at,
    'preference_page' as origin
from said, unnest(['sales', 'marketing']) as t(purpose)
where stated_at < $until
"""
_ORDERS = """
create table shop_orders as
select 'b' || id as basket_id, 'c' || c as contact_id, 25.0 as amount,
    later(began, 1800 + r(id, 'order at') * 3600) as ordered_at
from visits
where happens(id, 'order', 0.1) and later(began, 1800 + r(id, 'order at') * 3600) < $until
union all
select 'bh' || c || '-' || k, 'c' || c, 25.0, moment(c, 'order' || k)
from customers, range(3) as t(k) where happens(c, 'order' || k, 0.7)
"""
_CONTACTS = """
create table crm_contacts as
select
    contact_id,
    'Customer ' || c as first_name,
    email(c) as email,
    '+1555' || lpad(c::varchar, 7, '0') as phone,
    'US' as country,
    case when happens(c, 'west', 0.4) then 'America/Los_Angeles' else 'America/New_York' end
        as timezone,
    case when happens(c, 'member', 0.2)
        then ($live + to_days((r(c, 'member until') * 60)::int))::date end as member_until,
    day > 0 and happens(c, 'objects', 0.02) as do_not_contact,
    false as deceased,
    $live - interval '730 days' as created_at,
    case when day > 0 and happens(c, 'objects', 0.02) then exported_at
        else $live - interval '730 days' end as updated_at,
    exported_at
from customers,
    (select k as day, $live - interval '1 minute' + to_days(k::int) as exported_at
        from range($exports) as t(k))
"""


@dataclass(frozen=True)
class Size:
    """How much happens: about so many rows of all sources from `GO_LIVE` on, in so many hours."""

    events: int
    hours: int

    @property
    def customers(self) -> int:
        """The customer base: each comes about twice."""
        return max(self.events // 20, 20)

    @property
    def until(self) -> datetime:
        """When the last event has happened."""
        return GO_LIVE + timedelta(hours=self.hours)


class Events:
    """All that happens in a shop of a size, to be written as files of any stretch of time."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._con = duckdb.connect()
        self._con.execute("set timezone = 'UTC'")
        visits = max(size.events // 10, 10)
        values = {
            "customers": size.customers,
            "visits": visits,
            "hours": size.hours,
            "exports": size.hours // 24 + 1,
            "pages": max(size.events - round(visits * 3.83), 0),
        }
        for statement in (*_MACROS.split(";\n"), _CUSTOMERS, _VISITS):
            self._con.execute(_filled(statement, size, values))
        for statement in (_WEB, _CHAT, _CASES, _CONSENT, _ORDERS, _CONTACTS):
            self._con.execute(_filled(statement, size, values))
        for name, (at, _) in TABLES.items():
            self._sort(name.replace(".", "_"), at)

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows become known in [since, until), full exports not counted."""
        counts = [
            f"select count(*) as n from {name.replace('.', '_')} where {at} >= ? and {at} < ?"
            for name, (at, _) in TABLES.items()
            if name != "crm.contacts"
        ]
        sql = f"select sum(n) from ({' union all '.join(counts)})"
        return int(self._con.execute(sql, [since, until] * len(counts)).fetchall()[0][0])

    def land(self, landing: Path, since: datetime, until: datetime, shards: int = 1) -> None:
        """Write what becomes known in [since, until): a file per source that has any.

        With `shards`, web events lie in so many series of files, each read from its first to
        its last before the next, and an event is in any of them.
        """
        for name, (at, extension) in TABLES.items():
            source, table = name.split(".")
            split = shards if name == "web.events" else 1
            for shard in range(split):
                file = landing / source / f"{table}-{shard}-{since:%Y%m%dT%H%M%S%f}.{extension}"
                mine = f" and hash(event_id) % {split} = {shard}" if split > 1 else ""
                rows = f"from {source}_{table} where {at} >= ? and {at} < ?{mine}"
                self._write(file, rows, [since, until])

    def _write(self, file: Path, rows: str, bounds: list[datetime]) -> None:
        if not self._con.execute(f"select 1 {rows} limit 1", bounds).fetchall():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = "* exclude (exported_at)" if "crm_contacts" in rows else "*"
        form = _FORMATS[file.suffix.lstrip(".")]
        self._con.execute(f"copy (select {columns} {rows}) to '{file}' ({form})", bounds)

    def _sort(self, table: str, at: str) -> None:
        self._con.execute(f"create table sorted as from {table} order by {at}")
        self._con.execute(f"drop table {table}")
        self._con.execute(f"alter table sorted rename to {table}")


def _filled(sql: str, size: Size, values: Mapping[str, int]) -> str:
    for name, value in values.items():
        sql = sql.replace(f"${name}", str(value))
    times = {"live": GO_LIVE, "until": size.until}
    for name, at in times.items():
        sql = sql.replace(f"${name}", f"timestamp '{at}'")
    return sql
