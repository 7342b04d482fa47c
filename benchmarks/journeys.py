"""The fold of the seven starter cards: batches on long histories, and a full build.

`python -m benchmarks.journeys [--customers N] [--small] [--json FILE] [--keep DIR]` folds made-up
customers (`benchmarks.shoppers`) through dbt in scratch files. First a history grows as a large
one is loaded, a slice of customers a window, to 1M and to 10M signals; at both it is tidied
(`baton tidy`), and 100 people do something in each of a few batches. Then all of about 0.75M
signals are folded in one window. The peer is what one would do without a touched set: rebuild the
fold for each batch, timed on the history of 1M.

`*_s` are the seconds that DuckDB spent on SQL, of batches their median; `wall_s` the whole of the
window; `cpu_s` seconds of computing, Python included; `peak_gb` the largest memory of the process
until then. `differing_rows` compares the steps after the batches with a rebuild (`DIFFERENCE`).
Control: with one signal moved by an hour behind the fold's back, the same query must find rows.
"""

import json
import resource
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
from baton.histories import tidy
from baton.project import Project
from baton.scratch import ScratchFold
from benchmarks.shoppers import END, SIGNALS_PER_CUSTOMER, batch, shoppers

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
MEMORY = "4GB"
"""Of the engine while the history grows; what it keeps of the file and sorts stay within it."""
SLICES = 2
"""Windows in which the smaller history is loaded; the larger one in slices of the same size."""
Facts = dict[str, Any]


class Bench:
    """A scratch fold that grows, window by window."""

    def __init__(self, dbt: DbtProject, fold: ScratchFold) -> None:
        self.dbt = dbt
        self.fold = fold
        self.customers = 0
        self._windows = 0

    def load(self, customers: int) -> Facts:
        """Fold the histories of so many more customers in one window; return what it took."""
        history = shoppers(customers, self.customers)
        facts = self._window(
            signals=history.signals,
            guards=history.guards,
            activations=[] if self.customers else [("activate", self._release())],
        )
        self.customers += customers
        self.fold.con.execute("checkpoint")
        return facts

    def tidy(self) -> Facts:
        """Sort the histories by person."""
        since, computed = time.perf_counter(), time.process_time()
        rows = tidy(self.fold.con, self.dbt)
        return {"rows": rows, **_taken(since, computed)}

    def batches(self) -> Facts:
        """Fold batches in which `PEOPLE` do something; return the medians."""
        runs = [
            self._window(signals=batch(self.customers, self._windows, PEOPLE))
            for _ in range(BATCHES)
        ]
        return {
            **self.size(),
            **{key: statistics.median(run[key] for run in runs) for key in runs[0]},
            "people_folded": self._scalar("count(distinct person_id)", "int_journeys__touched"),
        }

    def rebuilt(self, *, spoil: bool = False) -> Facts:
        """Rebuild the fold at the same watermark; return how many rows differ and the seconds."""
        steps, signals = self.dbt.relation("transitions"), self.dbt.relation("signals")
        con = self.fold.con
        con.execute(f"create or replace temp table before as select * from {steps}")
        if spoil:
            con.execute(MOVED.format(signals=signals))
        facts = self._window(is_whole=True)
        differing = con.execute(DIFFERENCE.format(steps=steps)).fetchall()[0][0]
        return {"differing_rows": differing, **facts}

    def size(self) -> Facts:
        """Return how many signals and steps there are."""
        return {name: self._scalar("count(*)", name) for name in ("signals", "transitions")}

    def fork(self, folder: Path) -> "Bench":
        """Return another that stands where this one stands, with a file of its own in `folder`."""
        forked = Bench(self.dbt, self.fold.fork(folder))
        forked.customers, forked._windows = self.customers, self._windows
        return forked

    def _release(self) -> str:
        checked = read_project(self.fold.project.dbt_project).cards
        return self.fold.release(
            [compile_card(c.checked.card, c.text) for c in checked if c.checked.card]
        )

    def _window(self, **brought: Any) -> Facts:
        at = END + timedelta(seconds=self._windows)
        since, computed = time.perf_counter(), time.process_time()
        timings = self.fold.window(batch_time=at, watermark=END, **brought)
        self._windows += 1
        return {
            "sql_s": round(self.dbt.sql_seconds, 3),
            **_taken(since, computed),
            "nodes": len(timings),
        }

    def _scalar(self, expression: str, model: str) -> int:
        sql = f"select {expression} from {self.dbt.relation(model)}"
        return self.fold.con.execute(sql).fetchall()[0][0]


def measure(folder: Path, *, customers: int, histories: Sequence[int]) -> Facts:
    """Return all facts; `histories` are the numbers of signals of the two batch runs."""
    found = Project.find()
    project = Project(
        found.root, folder / found.warehouse.name, folder / "journal.db", folder / "landing"
    )
    dbt = DbtProject(project)
    slice_of = round(histories[0] / SIGNALS_PER_CUSTOMER / SLICES)
    grown = Bench(dbt, ScratchFold(project, folder / "grown", dbt))
    grown.fold.con.execute(f"set memory_limit = '{MEMORY}'")
    runs = [_history(grown, histories[0], slice_of)]
    smaller = grown.fork(folder / "smaller")
    runs.append(_history(grown, histories[1], slice_of))
    grown.fold.close()

    whole = Bench(dbt, ScratchFold(project, folder / "whole", dbt))
    full = whole.load(customers) | whole.size()
    whole.fold.close()
    _say("full build", full)

    rebuilt = smaller.rebuilt()
    _say("rebuild", rebuilt)
    control = smaller.rebuilt(spoil=True)
    _say("rebuild with a signal moved", control)
    smaller.fold.close()
    return {
        "full_build_s": full["sql_s"],
        "full_build_cpu_s": full["cpu_s"],
        "batch_100_at_1m_s": runs[0]["sql_s"],
        "batch_100_at_10m_s": runs[1]["sql_s"],
        "ratio": round(runs[1]["sql_s"] / runs[0]["sql_s"], 2),
        "differing_rows": rebuilt["differing_rows"],
        "differing_rows_when_spoilt": control["differing_rows"],
        "peer_rebuild_per_batch_s": rebuilt["sql_s"],
        "nodes_on_hot_path": runs[0]["nodes"],
        "peak_gb_of_slices": runs[1]["peak_gb"],
        "full_build": full,
        "histories": list(histories),
        "batches": runs,
    }


def _history(bench: Bench, signals: int, slice_of: int) -> Facts:
    while bench.customers < round(signals / SIGNALS_PER_CUSTOMER) - slice_of / 2:
        _say(f"{bench.customers + slice_of:,} customers", bench.load(slice_of))
    _say("tidied", bench.tidy())
    batches = bench.batches()
    _say(f"batches at {signals:,} signals", batches)
    return batches


def _taken(since: float, computed: float) -> Facts:
    return {
        "wall_s": round(time.perf_counter() - since, 3),
        "cpu_s": round(time.process_time() - computed, 3),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def _say(what: str, facts: Facts) -> None:
    click.echo(f"{what}: {facts}", err=True)


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
