"""A first load, a backlog and a repaired signal send nothing that a timely run would not have sent.

`python -m benchmarks.backlog [--events N] [--small] [--json FILE] [--keep DIR]` runs the whole dbt
project over made-up events (`benchmarks.backlog_events`): two years at once before a release acts,
then the same days five times from the stores that this left:

* *backlog*: nothing runs until all of it has landed; then it is worked off in slices (`limit`);
* *timely*: batches as it happens. One of them is at each watermark at which a slice of the backlog
  stood, and none so far from the next that a message could expire in between: whatever the backlog
  sends in a slice, a timely batch with the same input or less has decided on before. Batches in
  between could only add to what timely runs send;
* *weakened*: the backlog once more, with timers and checks that look at the clock instead of the
  watermark: the control, which must send what timely runs do not;
* *repaired*: a signal is broken for all the days, then mended and activated, and all is heard
  again.

The receivers' log says what was sent. Message ids follow from what they stand for, so the same
message has the same id in every run; `*_by_meaning` compares person, journey, key and action
instead. `QUERIES` are all that is counted.

Kept apart as `address_learnt_later` is what a timely run would have sent had it known an address:
somebody logged in after the due time. Who is who is always as known now, so such messages may go.
"""

import json
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.backlog_events import GO_LIVE, Events, Size
from benchmarks.backlog_runs import Edit, Run, Shop
from benchmarks.main_job import StageSampler

QUERIES = {
    "sent": "select count(*) from {run}",
    "not_timely": """select count(*) from {run} as r anti join timely as t using (message_id)
        left join timely_candidates as c using (candidate_id)
        where c.reason is distinct from 'no_address'""",
    "not_timely_by_meaning": """select count(*) from {run} as r
        left join timely_candidates as c using (candidate_id)
        where c.reason is distinct from 'no_address'
            and not exists (from timely as t where t.meaning is not distinct from r.meaning)""",
    "address_learnt_later": """select count(*) from {run} as r
        anti join timely as t using (message_id)
        inner join timely_candidates as c using (candidate_id) where c.reason = 'no_address'""",
    "not_sent_but_timely": """select coalesce(c.reason, 'never a candidate') as why, count(*)
        from timely as t anti join {run} as r using (message_id)
        left join {run}_candidates as c using (candidate_id) group by 1 order by 1""",
    "sent_to_those_who_had_acted": """select count(*) from {run}
        where status in ('goal', 'exit') and ended_at < sent_at""",
    "held_back": """select count(*) from {run}_candidates
        where is_before_activation and evaluated_window_id >= {window}
            and not (is_superseded or is_already_done or is_expired or is_switched_off
                or is_suppressed or has_no_consent or has_no_address or has_open_case
                or is_input_stale_or_behind)""",
}
SENT = """
create table {run} as
with persons as (
    select m.person_id, min(m.node_id) as person
    from baton.identity.identity_map as m group by m.person_id
)
select
    l.message_id,
    l.sent_at,
    o.candidate_id,
    [p.person, o.journey, o.correlation_key, o.action] as meaning,
    s.status,
    s.since as ended_at
from read_json('{log}', format = 'newline_delimited',
    columns = {{message_id: 'varchar', sent_at: 'timestamp'}}) as l
inner join baton.activation.outbox as o using (message_id)
inner join baton.identity.identity_map as m on o.entry_node_id = m.node_id
inner join persons as p using (person_id)
left join baton.journeys.journey_states as s on o.instance_id = s.instance_id
where l.sent_at >= '{since}'
"""
CANDIDATES = "create table {run}_candidates as from baton.decisions.candidates"
BY_THE_CLOCK = Edit(
    "macros/window.sql",
    "input_watermark() -%}{{ window_value('watermark') }}",
    "input_watermark() -%}{{ window_value('batch_time') }}",
)
BREAK = Edit("models/journeys/signals/quote_started.sql", "'quote_started'", "'quote_begun'")
AFTERWARDS = (timedelta(minutes=20), timedelta(minutes=60))
Facts = dict[str, Any]


class Bench:
    """The runs over the same events, one after the other, and what they sent."""

    def __init__(self, folder: Path, events: Events, sampler: StageSampler) -> None:
        self._folder = folder
        self._events = events
        self._sampler = sampler
        self._con = duckdb.connect()
        self._con.execute("set timezone = 'UTC'")
        self._shop = Shop(folder / "project")

    def first_load(self) -> Facts:
        """Load the history; return what was sent, and what the instant alone held back."""
        self._sampler.enter("first_load")
        with self._shop.open(self._folder / "first") as run:
            run.first_load(self._events)
        self._read("first", run)
        return {
            "history": run.rows_loaded,
            "sent_first_load": self._count("sent", "first"),
            "held_back_first_load": self._count("held_back", "first"),
        }

    def backlog(self, limit: int) -> tuple[Facts, list[datetime]]:
        """Work the backlog off; return the facts, and when a timely run has to have batches."""
        seconds, run = self._backlog("backlog", limit)
        events = self._events.count(GO_LIVE, self._events.size.until)
        slices = len(run.done) - len(AFTERWARDS)
        facts: Facts = {
            "events": events,
            "slices": slices,
            "watermarks": [str(one.window.watermark) for one in run.done],
            "backlog_s": round(seconds, 1),
            "events_per_s": round(events / seconds),
            "sent_backlog": self._count("sent", "backlog"),
        }
        return facts, [one.window.watermark for one in run.done]

    def timely(self, watermarks: Sequence[datetime]) -> Facts:
        """Run batches as it happens; return how what the backlog sent compares."""
        self._sampler.enter("timely")
        times = timely_batches(watermarks, self._events.size.until)
        with self._shop.open(self._folder / "timely", self._folder / "first") as run:
            run.timely(self._events, times)
        self._read("timely", run)
        return {
            "timely_batches": len(times),
            "sent_timely": self._count("sent", "timely"),
            "sent_not_timely": self._count("not_timely", "backlog"),
            "sent_not_timely_by_meaning": self._count("not_timely_by_meaning", "backlog"),
            "address_learnt_later": self._count("address_learnt_later", "backlog"),
            "sent_to_those_who_had_acted": self._count("sent_to_those_who_had_acted", "backlog"),
            "timely_but_not_in_backlog": self._counts("not_sent_but_timely", "backlog"),
        }

    def weakened(self, limit: int) -> Facts:
        """Work the backlog off by the clock; return what the watermark keeps from being sent."""
        self._shop.edit(BY_THE_CLOCK)
        self._backlog("weakened", limit)
        self._shop.edit(BY_THE_CLOCK.undone())
        return {
            "sent_not_timely_when_weakened": self._count("not_timely", "weakened"),
            "sent_to_those_who_had_acted_when_weakened": self._count(
                "sent_to_those_who_had_acted", "weakened"
            ),
        }

    def repaired(self, limit: int) -> Facts:
        """Break a signal, let all happen, mend it; return what was sent from then on."""
        self._sampler.enter("repaired")
        self._shop.edit(BREAK)
        with self._shop.open(self._folder / "repaired", self._folder / "first") as run:
            run.activate(GO_LIVE, "a typing error in it")
            run.backlog(self._events, limit)
            repaired_at = run.done[-1].window.batch_time + timedelta(minutes=1)
            self._shop.edit(BREAK.undone())
            run.activate(repaired_at, "mended")
            for after in (timedelta(0), *AFTERWARDS):
                run.batch(repaired_at + after)
        self._read("repaired", run, since=repaired_at)
        window = run.done[-len(AFTERWARDS) - 1].window.window_id
        return {
            "sent_after_repair": self._count("sent", "repaired"),
            "sent_after_repair_not_timely": self._count("not_timely", "repaired"),
            "address_learnt_later_after_repair": self._count("address_learnt_later", "repaired"),
            "held_back_after_repair": self._count("held_back", "repaired", window),
        }

    def _backlog(self, name: str, limit: int) -> tuple[float, Run]:
        self._sampler.enter(name)
        with self._shop.open(self._folder / name, self._folder / "first") as run:
            since = time.perf_counter()
            run.backlog(self._events, limit)
            seconds = time.perf_counter() - since
            last = run.done[-1].window.batch_time
            for after in AFTERWARDS:
                run.batch(last + after)
        self._read(name, run)
        return seconds, run

    def _read(self, name: str, run: Run, *, since: datetime = GO_LIVE) -> None:
        self._con.execute(f"attach '{run.warehouse}' as baton (read_only)")
        for sql in (SENT, CANDIDATES):
            self._con.execute(sql.format(run=name, log=run.log, since=since))
        self._con.execute("detach baton")

    def _count(self, query: str, run: str, window: int = 0) -> int:
        sql = QUERIES[query].format(run=run, window=window)
        return int(self._con.execute(sql).fetchall()[0][0])

    def _counts(self, query: str, run: str) -> dict[str, int]:
        return dict(self._con.execute(QUERIES[query].format(run=run)).fetchall())


def timely_batches(watermarks: Sequence[datetime], until: datetime) -> list[datetime]:
    """Return the times of a timely run's batches: all watermarks, and enough in between.

    No message lives less than two hours; of what is due more than half a day before the end, only
    messages that live a day or longer can still be unsent at the end.
    """
    marks = sorted({GO_LIVE, until, *watermarks})
    times: list[datetime] = []
    for since, at in pairwise(marks):
        is_late = until - at < timedelta(hours=12)
        step = timedelta(minutes=110 if is_late else 12 * 60)
        parts = ceil((at - since) / step)
        times += [since + (at - since) * part / parts for part in range(1, parts + 1)]
    return times


def measure(folder: Path, *, size: Size, slices: int) -> Facts:
    """Run all in `folder` and return the figures; `slices` is about how many slices there are."""
    sampler = StageSampler()
    sampler.start()
    since = time.perf_counter()
    sampler.enter("events")
    bench = Bench(folder, Events(size), sampler)
    limit = size.events // slices
    facts = bench.first_load()
    of_backlog, watermarks = bench.backlog(limit)
    facts |= of_backlog | bench.timely(watermarks) | bench.weakened(2 * limit)
    facts |= bench.repaired(size.events // 2)
    sampler.stop()
    return facts | {
        "total_s": round(time.perf_counter() - since, 1),
        "peak_mb": round(max(sampler.peak_mb.values())),
        "stages": {
            stage: {"s": round(seconds, 1), "peak_mb": round(sampler.peak_mb.get(stage, 0))}
            for stage, seconds in sampler.seconds.items()
        },
        "queries": QUERIES,
    }


@click.command()
@click.option("--events", default=1_000_000, help="Events of the backlog, over three days.")
@click.option("--small", is_flag=True, help="10,000 events of half a day.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(events: int, small: bool, json_file: Path | None, keep: Path | None) -> None:
    """Compare what a first load, a backlog and a repair send with what timely runs send."""
    size, slices = (Size(10_000, hours=12), 3) if small else (Size(events, hours=72), 8)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (keep or Path(temporary)).resolve()
        facts = measure(folder, size=size, slices=slices)
    text = json.dumps(facts, indent=2)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
