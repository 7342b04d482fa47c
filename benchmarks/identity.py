"""Who is who: components, guards, batches and removals on an invented graph of 5M edges.

`python -m benchmarks.identity [--persons N] [--seeds N] [--small] [--json FILE] [--keep DIR]` lets
the links of graphs (`benchmarks.identity_graph`) be seen by a scratch warehouse
(`benchmarks.identity_warehouse`) and builds the project's own identity models on them: whole, in
batches of new links, and with 200 mails blocked by a new release. Figures are medians over seeds;
the seeds' own are beside them.

`full_cpu_s` is the making of components of all edges, without any guard; `splink_cpu_s` Splink's
own clustering of the same edges, by the same numbers; `guarded_cpu_s` all that comes after the
observations with all guards on (evidence, guards, components, limits, map, changes); `peak_mb`
the largest memory of the process that does so. Each is a process of its own, CPU seconds of both
its threads. `batch_*_s` and `removal_200_s` are the seconds that DuckDB spent on the SQL of all
identity models for one window by plan, as a continuous run builds it; of batches the median.

`precision` and `reachable_recall` are recounted against who owns what (`benchmarks.identity_truth`:
`PRECISION`, `REACHABLE_RECALL`), `components_over_limit` by `OVER_LIMIT`, `differing_nodes` by
`DIFFERING` between what batches and removal left and a rebuild.

`*_thin_evidence` and `*_no_evidence` are of a fifth of the persons, with links that are seen less
often: see `benchmarks.identity_graph` for what is assumed. `crowd_*`: 100,000 people share one mail
and one device, told in batches of 10,000 links: `crowd_merged` are persons that got lost by it,
`crowd_uncounted` records that no edge counts (`CROWD_PERSONS`, `CROWD_RECORDS`).

Controls: without guards the same queries must find wrong pairs, persons over a limit and lost ones;
with one link forgotten, differing nodes; Splink must find as many clusters.
"""

import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import click
import duckdb
import pandas as pd

from baton.dbt_runner import DbtProject
from benchmarks import identity_parts as parts
from benchmarks.identity_graph import Evidence, write
from benchmarks.identity_parts import Seen, apart
from benchmarks.identity_warehouse import Facts, IdentityWarehouse, copied, project_in

SMALLER = 5
"""The graph of 1M edges has a fifth of the persons of the one of 5M."""
SMALL = 100
SEEDS = 3
REMOVED = 200
LARGEST_BATCH = 10_000
CROWD = 100_000
"""People who share one mail and one device."""


class Bench:
    """The runs of one call, in `folder`; sizes are divided by `share`."""

    def __init__(self, folder: Path, *, persons: int, share: int) -> None:
        self._folder = folder
        self._persons = persons // share
        self._batch = LARGEST_BATCH // share
        self._removed = max(2, REMOVED // share)
        self._crowd = max(200, CROWD // share // share)
        self._dbt = DbtProject(project_in(folder / "start"))
        _ = self._dbt.manifest, pd  # here, or every part would read them anew
        apart(_start, folder / "start", self._dbt)

    def seed(self, seed: int) -> Facts:
        """Return all facts of one seed."""
        return {
            "seed": seed,
            **self._large(seed),
            **self._smaller(seed),
            **self._less_evidence("thin", "thin_evidence", seed),
            **self._less_evidence("once", "no_evidence", seed),
        }

    def _large(self, seed: int) -> Facts:
        seen = self._seen("large", self._persons, seed)
        grown = self._run("grown", parts.grow, seen)
        judged = self._run("judged", parts.judged, seen)
        guarded = self._run("guarded", parts.guarded, seen)
        ran = self._run(
            "running",
            parts.running,
            seen,
            links=self._batch,
            people=self._crowd,
            removed=self._removed,
        )
        thousand, crowd, removal = ran["few"], ran["crowd"], ran["removal"]
        rebuilt = self._run("rebuilt", parts.rebuilt, seen)
        unguarded = self._run("without guards", parts.unguarded, seen)
        splink = apart(parts.splink, seen)
        _say("splink", splink)
        self._done(seen)
        return {
            "edges": judged["edges"],
            "full_cpu_s": unguarded["cpu_s"],
            "guarded_cpu_s": guarded["cpu_s"],
            "splink_cpu_s": splink["cpu_s"],
            "peak_mb": guarded["peak_mb"],
            "full_peak_mb": unguarded["peak_mb"],
            "splink_peak_mb": splink["peak_mb"],
            "batch_1k_s": thousand["sql_s"],
            "batch_10k_s": ran["many"]["sql_s"],
            "removal_200_s": removal["sql_s"],
            "precision": judged["precision"],
            "reachable_recall": judged["reachable_recall"],
            "components_over_limit": judged["components_over_limit"],
            "differing_nodes": rebuilt["differing_nodes"],
            "differing_nodes_without_a_link": rebuilt["differing_nodes_without_a_link"],
            "precision_without_guards": unguarded["precision"],
            "components_over_limit_without_guards": unguarded["components_over_limit"],
            "crowd_links": crowd["links"],
            "crowd_merged": crowd["merged"],
            "crowd_merged_without_guards": crowd["persons"] - unguarded["persons_of_crowd"],
            "crowd_uncounted": crowd["uncounted"],
            "crowd_worst_batch_s": crowd["worst_s"],
            "clusters": unguarded["clusters"],
            "splink_clusters": splink["clusters"],
            "edges_blocked_by_removal": removal["edges_blocked"],
            "guarded_models_s": guarded["models"],
            "batch_1k_models_s": thousand["runs"][-1]["models"],
            "removal_models_s": removal["models"],
            "reasons": judged["reasons"],
            "sizes": judged["sizes"],
            "grown": grown,
        }

    def _smaller(self, seed: int) -> Facts:
        seen = self._seen("smaller", self._persons // SMALLER, seed)
        self._run("smaller grown", parts.grow, seen)
        thousand = self._run(
            "batches of 1,000 on the smaller", parts.batches, seen, self._batch // 10
        )
        self._done(seen)
        return {"batch_1k_at_1m_s": thousand["sql_s"]}

    def _less_evidence(self, evidence: Evidence, name: str, seed: int) -> Facts:
        seen = self._seen(evidence, self._persons // SMALLER, seed, evidence)
        self._run(f"grown, {name}", parts.grow, seen)
        judged = self._run(f"judged, {name}", parts.judged, seen)
        self._done(seen)
        return {
            f"precision_{name}": judged["precision"],
            f"reachable_recall_{name}": judged["reachable_recall"],
            f"components_over_limit_{name}": judged["components_over_limit"],
        }

    def _seen(self, name: str, persons: int, seed: int, evidence: Evidence = "even") -> Seen:
        graph = self._folder / f"{name}-graph"
        links = apart(_draw, persons, seed, evidence, graph)["links"]
        folder = copied(self._folder / "start", self._folder / name)
        return Seen(graph, folder, links - parts.BATCHES * (self._batch + self._batch // 10))

    def _run(self, what: str, part: Any, seen: Seen, *sizes: int, **more: int) -> Facts:
        facts = apart(part, self._dbt, seen, *sizes, **more)
        _say(what, facts)
        return facts

    def _done(self, seen: Seen) -> None:
        """Make room: the next seed draws over it."""
        shutil.rmtree(seen.graph)


def measure(folder: Path, *, persons: int, seeds: int, share: int) -> Facts:
    """Return the medians over the seeds, and the seeds' own facts."""
    bench = Bench(folder, persons=persons, share=share)
    runs = [bench.seed(1 + number) for number in range(seeds)]
    medians = {
        key: statistics.median(run[key] for run in runs)
        for key, value in runs[0].items()
        if isinstance(value, int | float) and key != "seed"
    }
    return {
        **medians,
        "ratio_1k": round(medians["batch_1k_s"] / medians["batch_1k_at_1m_s"], 2),
        "load_average": os.getloadavg()[0],
        "seeds": runs,
    }


def _start(folder: Path, dbt: DbtProject) -> Facts:
    IdentityWarehouse.start(folder, dbt)
    return {}


def _draw(persons: int, seed: int, evidence: Evidence, graph: Path) -> Facts:
    write(graph, persons, seed=seed, evidence=evidence)
    count = f"select count(*) from read_parquet('{graph / 'links.parquet'}')"
    return {"links": duckdb.sql(count).fetchall()[0][0]}


def _say(what: str, facts: Facts) -> None:
    click.echo(f"{what}: {facts}", err=True)


@click.command()
@click.option("--persons", default=770_000, help="Persons of the larger graph.")
@click.option("--seeds", default=SEEDS, help="Graphs to take the median of.")
@click.option("--small", is_flag=True, help="A hundredth of everything, one seed.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(persons: int, seeds: int, small: bool, json_file: Path | None, keep: Path | None) -> None:
    """Measure identity."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        facts = measure(
            folder, persons=persons, seeds=1 if small else seeds, share=SMALL if small else 1
        )
    text = json.dumps(facts, indent=2)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
