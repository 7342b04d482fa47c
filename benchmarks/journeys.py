"""The fold of the seven starter cards: a full build, and batches on long histories.

`python -m benchmarks.journeys [--customers N] [--small] [--json FILE] [--keep DIR]` folds made-up
customers (`benchmarks.shoppers`) through dbt in a scratch file: first all of about 0.75M signals,
then batches in which 100 people do something, on histories of 1M and of 10M signals. The peer is
what one would do without a touched set: rebuild the fold for each batch, timed on the smaller
history.

`*_s` of batches are the median seconds that DuckDB spent on SQL; `dbt_*` the whole of the window.
`differing_rows` compares the steps after the batches with a rebuild (`DIFFERENCE`). Control: with
one signal moved by an hour behind the fold's back, the same query must find rows.
"""

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from baton.cards import compile_card, read_project
from baton.dbt_runner import DbtProject
from baton.project import Project
from baton.scratch import ScratchFold
from benchmarks.shoppers import END, SIGNALS_PER_CUSTOMER, Shoppers, shoppers

DIFFERENCE = """
select count(*) from (
    (select columns(t.*) from {steps} as t except select columns(b.*) from before as b)
    union all
    (select columns(b.*) from before as b except select columns(t.*) from {steps} as t)
)
"""
MOVED = """
update {signals} set occurred_at = occurred_at - interval '1 hour'
where signal_id = (
    select max(s.signal_id) from {signals} as s where s.signal = 'quote_started'
)
"""
PEOPLE = 100
BATCHES = 7
Facts = dict[str, Any]


class Bench:
    """Scratch folds of one size after the other, with one parsed project."""

    def __init__(self, folder: Path) -> None:
        found = Project.find()
        self.folder = folder
        warehouse = folder / found.warehouse.name
        self.project = Project(found.root, warehouse, folder / "journal.db", folder / "landing")
        self.dbt = DbtProject(self.project)

    def built(self, history: Shoppers) -> tuple[ScratchFold, Facts]:
        """Return a fold of the whole history and what building it took."""
        shutil.rmtree(self.folder / "fold", ignore_errors=True)
        fold = ScratchFold(self.project, self.folder / "fold", self.dbt)
        checked = read_project(self.project.dbt_project).cards
        release = fold.release(
            [compile_card(c.checked.card, c.text) for c in checked if c.checked.card]
        )
        since = time.perf_counter()
        fold.window(
            batch_time=END,
            signals=history.signals,
            guards=history.guards,
            activations=[("activate", release)],
        )
        facts = {
            "signals": history.signals.num_rows,
            "steps": _count(fold, "transitions"),
            "sql_s": round(self.dbt.sql_seconds, 2),
            "window_s": round(time.perf_counter() - since, 2),
        }
        fold.con.execute("checkpoint")
        return fold, facts

    def batches(self, fold: ScratchFold, history: Shoppers) -> Facts:
        """Fold batches in which `PEOPLE` do something; return the medians."""
        sql: list[float] = []
        whole: list[float] = []
        nodes = 0
        for number in range(1, BATCHES + 1):
            since = time.perf_counter()
            timings = fold.window(
                batch_time=END + timedelta(seconds=number),
                watermark=END,
                signals=history.batch(number, PEOPLE),
            )
            whole.append(time.perf_counter() - since)
            sql.append(self.dbt.sql_seconds)
            nodes = len(timings)
        people = (
            f"select count(distinct person_id) from {self.dbt.relation('int_journeys__touched')}"
        )
        return {
            "sql_s": round(statistics.median(sql), 3),
            "window_s": round(statistics.median(whole), 3),
            "people_folded": fold.con.execute(people).fetchall()[0][0],
            "nodes": nodes,
        }

    def rebuilt(self, fold: ScratchFold, *, spoil: bool = False) -> Facts:
        """Rebuild the fold at the same watermark; return how many rows differ and the seconds."""
        steps, signals = self.dbt.relation("transitions"), self.dbt.relation("signals")
        fold.con.execute(f"create or replace temp table before as select * from {steps}")
        if spoil:
            fold.con.execute(MOVED.format(signals=signals))
        number = BATCHES + (2 if spoil else 1)
        fold.window(batch_time=END + timedelta(seconds=number), watermark=END, is_whole=True)
        differing = fold.con.execute(DIFFERENCE.format(steps=steps)).fetchall()[0][0]
        return {"differing_rows": differing, "sql_s": round(self.dbt.sql_seconds, 2)}


def measure(folder: Path, *, customers: int, histories: Sequence[int]) -> Facts:
    """Return all facts; `histories` are the numbers of signals of the two batch runs."""
    bench = Bench(folder)
    fold, full = bench.built(shoppers(customers))
    fold.close()
    runs: list[Facts] = []
    checked: Facts = {}
    for signals in histories:
        history = shoppers(round(signals / SIGNALS_PER_CUSTOMER))
        fold, built = bench.built(history)
        run = {"built": built, **bench.batches(fold, history)}
        if not runs:
            checked = {
                "rebuild": bench.rebuilt(fold),
                "control": bench.rebuilt(fold, spoil=True),
            }
        fold.close()
        runs.append(run)
        click.echo(f"{signals:,} signals: {run}", err=True)
    return {
        "full_build_s": full["sql_s"],
        "batch_100_at_1m_s": runs[0]["sql_s"],
        "batch_100_at_10m_s": runs[1]["sql_s"],
        "ratio": round(runs[1]["sql_s"] / runs[0]["sql_s"], 2),
        "differing_rows": checked["rebuild"]["differing_rows"],
        "differing_rows_when_spoilt": checked["control"]["differing_rows"],
        "peer_rebuild_per_batch_s": checked["rebuild"]["sql_s"],
        "nodes_on_hot_path": runs[0]["nodes"],
        "full_build": full,
        "histories": list(histories),
        "batches": runs,
    }


def _count(fold: ScratchFold, model: str) -> int:
    return fold.con.execute(f"select count(*) from {fold.dbt.relation(model)}").fetchall()[0][0]


@click.command()
@click.option("--customers", default=100_000, help="Customers of the full build.")
@click.option("--small", is_flag=True, help="A hundredth of everything.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(customers: int, small: bool, json_file: Path | None, keep: Path | None) -> None:
    """Measure the fold."""
    share = 100 if small else 1
    histories = (1_000_000 // share, 10_000_000 // share)
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        facts = measure(folder, customers=customers // share, histories=histories)
    text = json.dumps(facts, indent=2)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
