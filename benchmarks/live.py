"""A made-up shop for latency: its history, its live visitors, a card that acts at once, a receiver.

The history is page views, product views, logins and quotes of customers known by account, as one
Parquet delivery. Live visitors are customers of that history; one event in five starts a quote,
upon which the card `told_at_once` tells the service desk. The same numbers for the same size.
"""

import asyncio
import base64
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import duckdb
from aiohttp import web

EVENTS_PER_CUSTOMER = 8
ONE_IN = 5
WRITE_KEY = "benchmark-key"
_CARD = """{% call journey() %}
journey: told_at_once
owner: service_desk
purpose: service
key: quote_id
reentry: never
horizon: 2 hours
steps:
  - {to: told, when: quote_started, do: task_told_at_once, within: 1 hour, why: to be measured}
{% endcall %}
"""
_YML = "models:\n  - name: told_at_once\n    config: {group: service_desk}\n"
_SAID = ("to", "action", "brand", "contact_point_id")
_ACTION = "task_told_at_once,route,crm_task,service_desk,service,,20,2 hours,told,70,,service_desk"
_LIMITS = "name,most\nperson_per_day,1000000\njourney_per_hour_most,100000000\n"
_HISTORY = """
copy (
    select
        'h' || i as event_id,
        'd' || i % {customers} as anonymous_id,
        case when i % 3 > 0 then 'u' || i % {customers} end as user_id,
        null::varchar as email,
        case i % 20
            when 0 then 'login' when 1 then 'quote_started' when 2 then 'quote_submitted'
            when 3 then 'comparison_viewed' when 4 then 'product_view' when 5 then 'product_view'
            else 'page_view' end as event,
        json_object('quote_id', 'hq' || (i - i % 20), 'path', '/', 'product', 'gift_hamper')
            as properties,
        timestamp '{end}' - to_seconds(86400 + (hash(i) % (720 * 86400))::bigint) as occurred_at,
        timestamp '{end}' - interval '1 day' as sent_at
    from range({events}) as r(i)
) to '{file}' (format parquet)
"""


@dataclass(frozen=True)
class Shop:
    """A project and its stores under one folder."""

    folder: Path
    customers: int

    @property
    def landing(self) -> Path:
        """Where deliveries arrive."""
        return self.folder / "landing"

    def environment(self, desk_url: str) -> dict[str, str]:
        """What the processes of the shop are started with."""
        secret = "whsec_" + base64.b64encode(b"a secret of the benchmark").decode()
        return {
            **os.environ,
            "BATON_WAREHOUSE": str(self.folder / "baton.duckdb"),
            "BATON_JOURNAL": str(self.folder / "journal.db"),
            "BATON_LANDING": str(self.landing),
            "BATON_DESTINATIONS": str(self.folder / "destinations.yml"),
            "BATON_WRITE_KEYS": f"live:{WRITE_KEY}",
            "BATON_LINK_KEY": "k" * 40,
            "SERVICE_DESK_URL": desk_url,
            "SERVICE_DESK_SECRET": secret,
        }


def make_shop(folder: Path, root: Path, *, history: int, end: datetime) -> Shop:
    """Lay out the project of `root` with the card, and the history up to `end` (naive UTC)."""
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(root / "dbt_project", folder / "dbt_project", ignore=ignored)
    shutil.copy(root / "profiles.yml", folder)
    cards = folder / "dbt_project" / "models" / "journeys" / "cards"
    (cards / "told_at_once.sql").write_text(_CARD)
    (cards / "told_at_once.yml").write_text(_YML)
    policies = folder / "dbt_project" / "seeds" / "policies"
    actions = policies / "actions.csv"
    actions.write_text(f"{actions.read_text().rstrip()}\n{_ACTION}\n")
    (policies / "limits.csv").write_text(_LIMITS)
    (folder / "destinations.yml").write_text(_DESTINATIONS)
    shop = Shop(folder, max(history // EVENTS_PER_CUSTOMER, 1_000))
    (shop.landing / "web").mkdir(parents=True)
    file = shop.landing / "web" / "events-history.parquet"
    sql = _HISTORY.format(customers=shop.customers, end=end, events=history, file=file)
    duckdb.connect().execute(sql)
    return shop


_DESTINATIONS = """destinations:
  service_desk:
    type: webhook
    event_type: customer.hand_over
    url: ${SERVICE_DESK_URL}
    secret: ${SERVICE_DESK_SECRET}
    limit: {rate: 2000, per_seconds: 1, concurrency: 50}
"""


def live_events(shop: Shop, number: int, first: int = 0) -> Iterator[dict[str, Any]]:
    """Yield that many calls without times; each quote is of a customer of its own."""
    for n in range(first, first + number):
        is_quote = n % ONE_IN == 0
        who = (n // ONE_IN) % shop.customers if is_quote else (n * 7_919) % shop.customers
        yield {
            "type": "track",
            "messageId": f"live-{n}",
            "userId": f"u{who}",
            "anonymousId": f"d{who}",
            "event": "quote_started" if is_quote else "product_view",
            "properties": {"quote_id": f"lq{n}", "product": "gift_hamper", "value": 120.0},
        }


@dataclass
class Sent:
    """When each call was made and answered, by message id; wall clock, seconds since 1970."""

    made: dict[str, float]
    answered: dict[str, float]
    refused: int = 0


async def send_live(url: str, shop: Shop, *, rate: float, seconds: float, first: int = 0) -> Sent:
    """Make `rate` calls a second over HTTP for that long, late ones at once.

    A call counts from when it was due: a load that lags behind hides nothing.
    """
    sent = Sent({}, {})
    key = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
    headers = {"authorization": f"Basic {key}", "content-type": "application/json"}
    per_request = max(1, int(rate // 200))
    calls = list(live_events(shop, int(rate * seconds), first))
    started = time.time()
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(url, connector=connector, headers=headers) as session:
        open_: set[asyncio.Task[None]] = set()
        for at in range(0, len(calls), per_request):
            due = started + at / rate
            await asyncio.sleep(max(due - time.time(), 0))
            task = asyncio.create_task(_post(session, calls[at : at + per_request], due, sent))
            open_.add(task)
            task.add_done_callback(open_.discard)
        await asyncio.gather(*open_)
    return sent


async def _post(
    session: aiohttp.ClientSession, calls: list[dict[str, Any]], due: float, sent: Sent
) -> None:
    stamp = (datetime(1970, 1, 1) + timedelta(seconds=due)).isoformat() + "Z"
    body = {"batch": [call | {"timestamp": stamp} for call in calls]}
    for call in calls:
        sent.made[call["messageId"]] = due
    async with session.post("/v1/batch", json=body) as answer:
        await answer.read()
        if answer.status != 200:
            sent.refused += len(calls)
            return
    for call in calls:
        sent.answered[call["messageId"]] = time.time()


def serve_desk(log: Path, port: int = 0) -> None:
    """Be the service desk: take webhooks, and log the time, webhook id and quote of each.

    Of a message to a person also to whom, and by which action.

    `is_known` says that an id came before, also to an earlier life of the desk.
    """
    known = _ids_of(log)
    stream = log.open("a", buffering=1)

    async def take(request: web.Request) -> web.Response:
        at = time.time()
        body = await request.json()
        data = body["data"]
        id_ = request.headers["webhook-id"]
        line = {"at": at, "id": id_, "is_known": id_ in known}
        line["quote_id"] = data.get("context", {}).get("quote_id")
        line |= {name: data[name] for name in _SAID if data.get(name) is not None}
        known.add(id_)
        stream.write(json.dumps(line) + "\n")
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/desk", take)

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        sockets = site._server.sockets  # pyright: ignore
        print(sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


def _ids_of(log: Path) -> set[str]:
    """The ids in a log; of a line that was cut off nothing is known."""
    found: set[str] = set()
    if log.exists():
        for line in log.read_text().splitlines():
            with suppress(ValueError):
                found.add(json.loads(line)["id"])
    return found


if __name__ == "__main__":
    serve_desk(Path(sys.argv[1]), *(int(one) for one in sys.argv[2:3]))
