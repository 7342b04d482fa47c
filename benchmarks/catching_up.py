"""A backlog: how fast a continuous run works off what has piled up, and who is kept waiting.

`python -m benchmarks.catching_up [--events N] [--history H] [--small] [--json F] [--keep DIR]`

The shop of `benchmarks.live` with collector, continuous run, sender and receiver at work on a
history of H events. Then a delivery of N events that happened since it went live lands at once,
while calls go on at ten a second. `events_per_s` is N by the seconds from its landing to the end of
the batch that decided on the last of it; `WORKED_OFF` counts what it left in the tables. One event
in 100 starts a quote, each of another customer, that the desk is told of: `lost` and `duplicates`
are by the desk's log, for the backlog and the calls, with the controls of
`benchmarks.live_figures`. `live_p95_s` is how long calls made meanwhile took to the desk: they
queue behind the backlog.
"""

import asyncio
import json
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks.live import ONE_IN, Shop, make_shop, send_live
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
_PILE = """
copy (
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
) to '{file}' (format parquet)
"""
_ONE_IN = 100
_LIVE_RATE = 10.0
_LIVE_SECONDS = 20.0
_CALM_SECONDS = 5.0
_LONGEST_SECONDS = 900.0


def measure(folder: Path, *, events: int, history: int) -> dict[str, Any]:
    """Run everything in `folder` and return the figures."""
    shop = make_shop(folder, Project.find().root, history=history, end=wall_clock())
    log = folder / "desk.jsonl"
    with ExitStack() as stack:
        environment = shop.environment(stack.enter_context(desk(log)))
        prepare(shop, environment)
        since = wall_clock()
        works = stack.enter_context(at_work(shop, environment))
        pile = _pile(shop, events=events, since=since)
        say(f"{events} events land")
        landed_at = time.time()
        pile.rename(shop.landing / "web" / "events-piled.parquet")
        live = send_live(works.collector, shop, rate=_LIVE_RATE, seconds=_LIVE_SECONDS)
        sent = asyncio.run(live)
        quotes = events // _ONE_IN
        _wait_for_all(works.batches, log, rows=events, quotes=quotes + len(sent.answered) // ONE_IN)
        works.memory.stop()
    told = [json.loads(one)["quote_id"] for one in log.read_text().splitlines()]
    of_pile = {one for one in told if one.startswith("pq")}
    worked_off = _worked_off(shop)
    seconds = works.batches.ended[worked_off["last_window"]] - landed_at
    found = latencies(log, sent)
    return {
        "events": events,
        "history": history,
        "seconds": round(seconds, 1),
        "events_per_s": round(events / seconds),
        "slowest_batch_s": round(max(works.batches.seconds), 2),
        **worked_off,
        "messages": found["messages"],
        "lost": quotes - len(of_pile) + found["lost"],
        "duplicates": found["duplicates"],
        "controls": {
            "lost_when_one_of_the_backlog_is_taken_out": quotes - len(of_pile - {min(of_pile)}),
            **found["controls"],
        },
        "live_p50_s": found["p50_s"],
        "live_p95_s": found["p95_s"],
        "peak_mb": round(works.memory.peak_mb),
        "query": " ".join(WORKED_OFF.split()),
    }


def _pile(shop: Shop, *, events: int, since: datetime) -> Path:
    """Write a backlog of what happened from then to now, beside the landing place."""
    end = wall_clock()
    file = shop.folder / "piled.parquet"
    sql = _PILE.format(
        customers=shop.customers,
        one_in=_ONE_IN,
        end=end,
        events=events,
        since=since,
        step=(end - since) // timedelta(microseconds=events),
        file=file,
    )
    duckdb.connect().execute(sql)
    return file


def _wait_for_all(batches: Lines, log: Path, *, rows: int, quotes: int) -> None:
    """Wait until so many rows are loaded, so many quotes told of, and nothing comes any more."""
    until = time.monotonic() + _LONGEST_SECONDS
    while batches.rows < rows or _told(log) < quotes or _is_at_it(batches):
        if time.monotonic() > until:
            raise click.ClickException("the backlog was not worked off: see run.err")
        time.sleep(0.5)


def _told(log: Path) -> int:
    return len({json.loads(one)["quote_id"] for one in log.read_text().splitlines()})


def _is_at_it(batches: Lines) -> bool:
    return time.time() - max(batches.ended.values()) < _CALM_SECONDS


def _worked_off(shop: Shop) -> dict[str, int]:
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        result = con.execute(WORKED_OFF)
        names = [column[0] for column in result.description or []]
        (row,) = result.fetchall()
    return dict(zip(names, row, strict=True))


@click.command()
@click.option("--events", default=1_000_000, show_default=True, help="Events of the backlog.")
@click.option("--history", default=200_000, show_default=True, help="Events before.")
@click.option("--small", is_flag=True, help="50,000 events on 20,000.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(
    *, events: int, history: int, small: bool, json_file: Path | None, keep: Path | None
) -> None:
    """Measure a backlog; the last thing printed is one JSON object."""
    if small:
        events, history = 50_000, 20_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder, events=events, history=history)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
