"""The pass: a million candidates at once, and a hundred on ten million past messages.

`python -m benchmarks.decisions [--candidates N] [--small] [--json FILE] [--keep DIR]` decides
made-up candidates (`benchmarks.rivals`) by the shipped policies, through dbt, in a scratch
warehouse: first all of them at once, three or four of each person, rivals for slots and caps; then,
on a history of ten times as many messages, batches in which 100 are new. `*_s` is what DuckDB spent
on SQL.

The peer is what is usual: a rank per person and group, and per person and cap, by window
functions, each by itself, on the same candidates. `peer_wasted` counts what it holds back though
there is room: its sums count candidates that do not go out.

`caps_exceeded` and `consent_breaches` are recounted from the tables left behind, by `CAPS` and
`BREACHES`, as if all was sent the moment it was decided. Control: on a tenth of the people, a pass
that knows no caps and takes every no for a yes; the same queries must find rows.
"""

import json
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psutil

from benchmarks.rivals import NOW, RivalWarehouse

CAPS = """
select count(*) from (
    select m.person_id, c.cap, a.at
    from sent as a
    inner join caps as c
        on coalesce(c.channel, a.channel) = a.channel
        and coalesce(c.class, a.class) = a.class
    inner join people as m on a.node_id = m.node_id
    inner join sent as b
        on b.node_id = a.node_id
        and coalesce(c.channel, b.channel) = b.channel
        and coalesce(c.class, b.class) = b.class
        and b.at <= a.at
        and (
            b.at > a.at - c.rolling_period
            or (c.rolling_period is null and date_trunc(c.calendar_period, b.at)
                = date_trunc(c.calendar_period, a.at))
        )
    where a.is_new
    group by m.person_id, c.cap, c.most, a.at
    having count(distinct b.message_id) > c.most
)
"""
BREACHES = """
select count(*) from sent as s
left join allowed as p
    on s.contact_point_id = p.contact_point_id and s.class = p.purpose and p.is_granted
where s.is_new and s.channel in ('email', 'sms') and p.contact_point_id is null
"""
PEER = """
create or replace temp table peer as
with placed as (
    select c.*, m.person_id
    from candidates as c inner join people as m on c.entry_node_id = m.node_id
    where c.rank is not null
),
slots as (
    select *, row_number() over (
        partition by person_id, conflict_group order by rank desc, priority desc, candidate_id
    ) as in_group
    from placed
),
summed as (
    select s.*, k.cap, k.most, row_number() over (
        partition by s.person_id, k.cap order by s.rank desc, s.priority desc, s.candidate_id
    ) as in_cap
    from slots as s
    left join caps as k
        on coalesce(k.channel, s.channel) = s.channel and coalesce(k.class, s.class) = s.class
)
select candidate_id, person_id, in_group = 1 and bool_and(in_cap <= coalesce(most, 1000)) as goes
from summed group by candidate_id, person_id, in_group
"""
PEER_WASTED = """
select count(*) from peer as p inner join candidates as c on p.candidate_id = c.candidate_id
where not p.goes and c.outcome in ('send', 'route', 'escalate')
"""
PEOPLE = 100
BATCHES = 5
Facts = dict[str, Any]


def measure(folder: Path, *, candidates: int) -> Facts:
    """Return all facts of both parts."""
    facts = one_pass(folder / "pass", candidates) | control(folder / "control", candidates // 10)
    return facts | batches(folder / "batches", messages=10 * candidates)


def one_pass(folder: Path, candidates: int) -> Facts:
    """Decide all candidates at once; recount what they kept to, and what the peer does not."""
    with RivalWarehouse(folder) as rivals:
        rivals.people(candidates // 4)
        rivals.rivals(first=0, people=candidates // 4, each=4, window=2)
        since = time.perf_counter()
        seconds = rivals.decide(window=2, at=NOW)
        whole = time.perf_counter() - since
        rivals.recount()
        facts = {
            "candidates": rivals.count("select count(*) from decided"),
            "outcomes": rivals.pairs("select reason, count(*) from decided group by 1 order by 1"),
            "pass_1m_s": round(seconds, 2),
            "pass_through_dbt_s": round(whole, 2),
            "caps_exceeded": rivals.count(CAPS),
            "consent_breaches": rivals.count(BREACHES),
        }
        since = time.perf_counter()
        rivals.con.execute(PEER)
        facts["peer_pass_s"] = round(time.perf_counter() - since, 2)
        facts["peer_wasted"] = rivals.count(PEER_WASTED)
        facts["peak_mb"] = round(psutil.Process().memory_info().rss / 1e6)
    return facts


def control(folder: Path, candidates: int) -> Facts:
    """Decide without both guards; return what the recounts then find."""
    with RivalWarehouse(folder) as rivals:
        rivals.people(candidates // 4)
        rivals.rivals(first=0, people=candidates // 4, each=4, window=2)
        rivals.blind()
        rivals.decide(window=2, at=NOW)
        rivals.recount()
        return {
            "caps_exceeded_without_caps": rivals.count(CAPS),
            "consent_breaches_without_consent": rivals.count(BREACHES),
        }


def batches(folder: Path, *, messages: int) -> Facts:
    """Decide 100 new candidates again and again on a long history; return the median."""
    with RivalWarehouse(folder) as rivals:
        rivals.people(messages // 10)
        rivals.history(messages)
        seconds: list[float] = []
        heard: list[float] = []
        for number in range(BATCHES):
            window = 3 + number
            first = number * PEOPLE
            rivals.rivals(first=first, people=PEOPLE // 2, each=2, window=window)
            at = NOW + timedelta(minutes=number)
            heard.append(rivals.hear(people=PEOPLE, window=window, at=at))
            seconds.append(rivals.decide(window=window, at=at))
            click.echo(f"batch {number + 1}: {heard[-1]:.3f} + {seconds[-1]:.3f} s", err=True)
        rivals.recount()
        return {
            "past_messages": rivals.count("select count(*) from candidates"),
            "batch_100_s": round(statistics.median(seconds), 3),
            "consent_100_s": round(statistics.median(heard), 3),
            "batch_caps_exceeded": rivals.count(CAPS),
            "batch_peak_mb": round(psutil.Process().memory_info().rss / 1e6),
        }


@click.command()
@click.option("--candidates", default=1_000_000, help="Candidates of the one pass.")
@click.option("--small", is_flag=True, help="A hundredth of everything.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(candidates: int, small: bool, json_file: Path | None, keep: Path | None) -> None:
    """Measure the pass."""
    with tempfile.TemporaryDirectory() as temporary:
        facts = measure(
            keep or Path(temporary), candidates=candidates // 100 if small else candidates
        )
    text = json.dumps(facts, indent=2, default=str)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
