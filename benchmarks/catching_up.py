"""A backlog: how fast a continuous run works off what has piled up, and whom that harms.

`python -m benchmarks.catching_up [--events N] [--history H] [--files F] [--small] [--weakened]
[--json F] [--keep DIR]`

The shop of `benchmarks.live` with collector, continuous run, sender and receivers at work on a
history of H events. Then N events that happened since it went live land at once, in F deliveries,
while calls go on at ten a second. `events_per_s` is N by the seconds from their landing to the end
of the batch that decided on the last of them; `WORKED_OFF` counts what it left in the tables. One
event in 100 starts a quote, each of another customer, that the desk is told of: `lost` and
`duplicates` are by the desk's log, for the backlog and the calls, with the controls of
`benchmarks.live_figures`. `live_p95_s` is how long calls made meanwhile took to the desk: they
queue behind the backlog.

Some of the people of the backlog say no while it is worked off, and some go on to do what they
would be reminded of (`benchmarks.catching_up_people`): `told_after_opt_out` counts mails to the
former after their no, `reminded_of_what_they_did` mails to the latter, both by the log of the
receiver of mails. The controls are twins who said and did nothing. With `--weakened` timers look at
the clock instead of the watermark: people are reminded of what they did.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks import catching_up_noes as noes
from benchmarks import catching_up_people as people
from benchmarks.live import ONE_IN, Sent, Shop, make_shop, send_live
from benchmarks.live_figures import latencies
from benchmarks.processes import Lines, at_work, desk, prepare, say

WORKED_OFF = """
select
    count(*) as events,
    count(distinct w.window_id) as windows,
    max(w.window_id) as last_window,
    count(s.event_id) as heard
from raw.web_events as e
inner join raw.windows as w on e._loaded_seq > w.from_seq and e._loaded_seq <= w.to_seq
left join journeys.signals as s
    on md5('event' || chr(31) || 'web.events' || chr(31) || e.event_id) = s.event_id
where e.event_id like 'piled-%'
"""
_READ_IN = """
select max(w.window_id)
from raw.consent_statements as s
inner join raw.windows as w on s._loaded_seq > w.from_seq and s._loaded_seq <= w.to_seq
where not s.granted
"""
_PILE = """
select
    'piled-' || i as event_id,
    'd' || who as anonymous_id,
    'u' || who as user_id,
    null::varchar as email,
    case when i % {one_in} = 0 then 'quote_started' else 'product_view' end as event,
    json_object('quote_id', 'pq' || i, 'product', 'gift_hamper') as properties,
    timestamp '{since}' + to_microseconds(i * {step}) as occurred_at,
    timestamp '{end}' as sent_at
from (
    select
        i,
        case
            when i % {one_in} = 0 then {customers} - 1 - i // {one_in}
            else hash(i) % {customers}
        end as who
    from range({events}) as r(i)
)
"""
_ONE_IN = 100
_LIVE_RATE = 10.0
_LIVE_SECONDS = 20.0
_CALM_SECONDS = 10.0
_LONGEST_SECONDS = 900.0


def measure(
    folder: Path, *, events: int, history: int, files: int, is_weakened: bool = False
) -> dict[str, Any]:
    """Run everything in `folder` and return the figures."""
    shop = make_shop(folder, Project.find().root, history=history, end=wall_clock())
    people.equip(shop, is_weakened=is_weakened)
    log, mails = folder / "desk.jsonl", folder / "mails.jsonl"
    with ExitStack() as stack:
        environment = shop.environment(stack.enter_context(desk(log)))
        environment["MAILS_URL"] = stack.enter_context(desk(mails))
        prepare(shop, environment)
        since = wall_clock()
        works = stack.enter_context(at_work(shop, environment))
        asyncio.run(noes.look_first(works.collector))
        greetings = _greetings(mails)
        time.sleep(max((people.LEAST_SPAN - (wall_clock() - since)).total_seconds(), 0))
        piled = _pile(shop, events=events, since=since, files=files)
        say(f"{piled} events land")
        landed_at = time.time()
        _land(shop)
        people.state(
            shop, "refused", people.SAYING_NO["file"].doing, is_granted=False, at=wall_clock()
        )
        sent, answered = asyncio.run(_meanwhile(works.collector, shop, greetings, environment))
        quotes = events // _ONE_IN
        _wait_for_all(works.batches, log, rows=piled, quotes=quotes + len(sent.answered) // ONE_IN)
        works.memory.stop()
    told = [json.loads(one)["quote_id"] or "" for one in log.read_text().splitlines()]
    of_pile = {one for one in told if one.startswith("pq")}
    worked_off = _worked_off(shop)
    read_at = works.batches.ended[_asked(shop, _READ_IN)[0][0]]
    answered |= dict.fromkeys(people.SAYING_NO["file"].doing, read_at)
    seconds = works.batches.ended[worked_off["last_window"]] - landed_at
    found = latencies(log, sent)
    refused, reminded = noes.told_after(noes.read(mails), answered), noes.reminded(noes.read(mails))
    return {
        "events": piled,
        "history": history,
        "files": files,
        "seconds": round(seconds, 1),
        "events_per_s": round(piled / seconds),
        "slowest_batch_s": round(max(works.batches.seconds), 2),
        **worked_off,
        "messages": found["messages"],
        "lost": quotes - len(of_pile) + found["lost"],
        "duplicates": found["duplicates"],
        **refused,
        "file_of_noes_read_after_s": round(read_at - landed_at, 1),
        **reminded,
        "controls": {
            "lost_when_one_of_the_backlog_is_taken_out": quotes - len(of_pile - {min(of_pile)}),
            **found["controls"],
            **refused["controls"],
            **reminded["controls"],
        },
        "live_p50_s": found["p50_s"],
        "live_p95_s": found["p95_s"],
        "peak_mb": round(works.memory.peak_mb),
        "query": " ".join(WORKED_OFF.split()),
    }


def _pile(shop: Shop, *, events: int, since: datetime, files: int) -> int:
    """Write a backlog of what happened from then to now, beside the landing place."""
    end = wall_clock()
    sql = _PILE.format(
        customers=shop.customers,
        one_in=_ONE_IN,
        end=end,
        events=events,
        since=since,
        step=(end - since) // timedelta(microseconds=events),
    )
    return people.pile_up(shop.folder, sql, since=since, end=end, files=files)


def _land(shop: Shop) -> None:
    for file in sorted(shop.folder.glob("piled-*.parquet")):
        file.rename(shop.landing / "web" / f"events-{file.name}")


async def _meanwhile(
    url: str, shop: Shop, greetings: noes.Log, environment: Mapping[str, str]
) -> tuple[Sent, dict[str, float]]:
    """Calls and noes at once."""
    live = send_live(url, shop, rate=_LIVE_RATE, seconds=_LIVE_SECONDS)
    return await asyncio.gather(live, noes.say_no(url, greetings, environment))


def _greetings(mails: Path) -> noes.Log:
    """Wait until everybody who may say no has a mail, and return these."""
    wanted = sum(len(group.all) for group in people.SAYING_NO.values())
    until = time.monotonic() + _LONGEST_SECONDS
    while len(found := noes.read(mails)) < wanted:
        if time.monotonic() > until:
            raise click.ClickException("not everybody was greeted: see run.err and send.err")
        time.sleep(0.5)
    return found


def _wait_for_all(batches: Lines, log: Path, *, rows: int, quotes: int) -> None:
    """Wait until so many rows are loaded, so many quotes told of, and nothing comes any more."""
    until = time.monotonic() + _LONGEST_SECONDS
    while batches.rows < rows or _told(log) < quotes or _is_at_it(batches):
        if time.monotonic() > until:
            raise click.ClickException("the backlog was not worked off: see run.err")
        time.sleep(0.5)


def _told(log: Path) -> int:
    known = {json.loads(one)["quote_id"] for one in log.read_text().splitlines()}
    return sum(one.startswith(("pq", "lq")) for one in known if one)


def _is_at_it(batches: Lines) -> bool:
    return time.time() - max(batches.ended.values()) < _CALM_SECONDS


def _worked_off(shop: Shop) -> dict[str, int]:
    (row,) = _asked(shop, WORKED_OFF)
    return dict(zip(("events", "windows", "last_window", "heard"), row, strict=True))


def _asked(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


@click.command()
@click.option("--events", default=1_000_000, show_default=True, help="Events of the backlog.")
@click.option("--history", default=200_000, show_default=True, help="Events before.")
@click.option("--files", default=10, show_default=True, help="Deliveries of the backlog.")
@click.option("--small", is_flag=True, help="50,000 events on 20,000.")
@click.option("--weakened", is_flag=True, help="With timers that look at the clock: a control.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(
    *,
    events: int,
    history: int,
    files: int,
    small: bool,
    weakened: bool,
    json_file: Path | None,
    keep: Path | None,
) -> None:
    """Measure a backlog; the last thing printed is one JSON object."""
    if small:
        events, history = 50_000, 20_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder, events=events, history=history, files=files, is_weakened=weakened)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
