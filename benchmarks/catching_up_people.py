"""Whom a backlog would write to: people who say no meanwhile, and people who go on to order.

Beside the customers of `benchmarks.live` the shop has `NOES` people for each way of saying no, and
as many twins who say nothing. All were written to once, so each has a mail with a link; a second
look at the help pages, within the backlog, writes to them again. `ORDERS` people start a quote in
the backlog and order ten seconds later; as many twins do not, and are reminded after twenty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.live import Shop

WAYS = ("link", "provider", "file")
NOES = 100
ORDERS = 200
ORDER_SECONDS, REMIND_SECONDS, LEAST_SPAN = 10, 20, timedelta(seconds=45)
_CARDS = {
    "written_to": """{% call journey() %}
journey: written_to
owner: customer_marketing
purpose: marketing
reentry: never
horizon: 2 hours
steps:
  - {to: greeted, when: help_viewed, do: mail_greeting, why: looks for help}
  - {from: greeted, to: advised, when: help_viewed, do: mail_advice, why: looks for help again}
{% endcall %}
""",
    "reminded_soon": f"""{{% call journey() %}}
journey: reminded_soon
owner: customer_marketing
purpose: marketing
key: quote_id
reentry: never
horizon: 2 hours
steps:
  - {{to: waiting, when: quote_started, why: a quote was started}}
  - {{from: any, to: won, when: quote_submitted, kind: goal, why: the quote was submitted}}
  - {{from: waiting, to: reminded, after: {REMIND_SECONDS} seconds, do: mail_reminder, why: late}}
{{% endcall %}}
""",
}
_YML = "models:\n  - name: {card}\n    config: {{group: customer_marketing}}\n"
_ACTIONS = "".join(
    f"mail_{name},send,email,mails,marketing,,5,1 day,,30,,customer_marketing\n"
    for name in ("greeting", "advice", "reminder")
)
_DESTINATION = """  mails:
    type: webhook
    event_type: message.send
    url: ${MAILS_URL}
    secret: ${SERVICE_DESK_SECRET}
    receipts_secret: ${SERVICE_DESK_SECRET}
    limit: {rate: 2000, per_seconds: 1, concurrency: 50}
"""
_FREE = ("quiet_hours", "holdouts", "slots", "caps")
_EVENTS = """
select
    'piled-' || who || '-' || what as event_id,
    'd' || who as anonymous_id,
    who as user_id,
    who || '@post.example' as email,
    case what when 'help' then 'page_view' else what end as event,
    case what
        when 'help' then json_object('path', '/help/returns')
        else json_object('quote_id', 'rq-' || who, 'product', 'gift_hamper')
    end as properties,
    timestamp '{since}' + to_microseconds(at_us::bigint) as occurred_at,
    timestamp '{end}' as sent_at
from (
    select unnest({helped}) as who, 'help' as what, hash(who) % {span} as at_us
    union all
    select who, what, hash(who) % {starts} + case what when 'quote_started' then 0 else {later} end
    from (select unnest({quoting}) as who, 'quote_started' as what
        union all select unnest({ordering}), 'quote_submitted')
)
"""


@dataclass(frozen=True)
class Group:
    """People who do something while the backlog is worked off, and twins who do not."""

    doing: tuple[str, ...]
    twins: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both."""
        return (*self.doing, *self.twins)


def _group(name: str, size: int) -> Group:
    return Group(*(tuple(f"{name}{kind}{n}" for n in range(size)) for kind in ("a", "b")))


SAYING_NO = {way: _group(way, NOES) for way in WAYS}
ORDERING = _group("quoting", ORDERS)


def address(who: str) -> str:
    """The one address of somebody."""
    return f"{who}@post.example"


def equip(shop: Shop, *, is_weakened: bool = False) -> None:
    """Let the shop write to them: cards, actions, destination, and what they allowed.

    `is_weakened`: timers look at the clock instead of the watermark.
    """
    models = shop.folder / "dbt_project" / "models" / "journeys" / "cards"
    for card, text in _CARDS.items():
        (models / f"{card}.sql").write_text(text)
        (models / f"{card}.yml").write_text(_YML.format(card=card))
    policies = shop.folder / "dbt_project" / "seeds" / "policies"
    with (policies / "actions.csv").open("a") as actions:
        actions.write(_ACTIONS)
    for name in _FREE:
        file = policies / f"{name}.csv"
        file.write_text(file.read_text().splitlines()[0] + "\n")
    with (shop.folder / "destinations.yml").open("a") as destinations:
        destinations.write(_DESTINATION)
    if is_weakened:
        file = shop.folder / "dbt_project" / "macros" / "window.sql"
        old = "input_watermark() -%}{{ window_value('watermark') }}"
        text = file.read_text()
        assert old in text  # noqa: S101  # else nothing is weakened
        file.write_text(text.replace(old, old.replace("'watermark'", "'batch_time'")))
    everybody = [*(one for group in SAYING_NO.values() for one in group.all), *ORDERING.all]
    state(shop, "allowed", everybody, is_granted=True, at=datetime(2020, 1, 1))


def state(shop: Shop, name: str, people: Sequence[str], *, is_granted: bool, at: datetime) -> None:
    """Land a file in which they allow or forbid marketing by mail."""
    rows = ["statement_id,email,channel,purpose,granted,stated_at"]
    rows += [
        f"{name}-{one},{address(one)},email,marketing,{str(is_granted).lower()},{at}"
        for one in people
    ]
    folder = shop.landing / "consent"
    folder.mkdir(exist_ok=True)
    part = folder / f"statements.{name}.csv.part"
    part.write_text("\n".join(rows) + "\n")
    part.rename(part.with_suffix(""))


def first_looks() -> Iterator[dict[str, Any]]:
    """The calls after which each of those who may say no is greeted, so has a link."""
    for one in (one for group in SAYING_NO.values() for one in group.all):
        yield {
            "type": "track",
            "messageId": f"first-{one}",
            "userId": one,
            "anonymousId": f"d{one}",
            "event": "page_view",
            "properties": {"path": "/help/delivery"},
            "context": {"traits": {"email": address(one)}},
        }


def pile_up(folder: Path, pile: str, *, since: datetime, end: datetime, files: int) -> int:
    """Write what `pile` selects and what they do, in order of time, as `piled-<n>.parquet`.

    Returns how many events these are.
    """
    span = (end - since) // timedelta(microseconds=1)
    people = _EVENTS.format(
        since=since,
        end=end,
        span=span,
        starts=span // 4,
        later=ORDER_SECONDS * 1_000_000,
        helped=[one for group in SAYING_NO.values() for one in group.all],
        quoting=list(ORDERING.all),
        ordering=list(ORDERING.doing),
    )
    with duckdb.connect() as con:
        con.execute(f"create table pile as ({pile}) union all ({people})")
        con.execute(
            f"create table cut as select *, ntile({files}) over (order by occurred_at, event_id) "
            "as n from pile"
        )
        for n in range(1, files + 1):
            con.execute(
                f"copy (select * exclude (n) from cut where n = {n} order by occurred_at) "
                f"to '{folder / f'piled-{n:02}.parquet'}' (format parquet)"
            )
        row = con.execute("select count(*) from pile").fetchone()
    return row[0] if row else 0
