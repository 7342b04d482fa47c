"""Records of one person told by likeness alone, on sets that know the truth.

`python -m benchmarks.linkage [--json FILE] [--data FILE --truth COLUMN] [--keep DIR] [--small]`
links the sets of the shared folder (`BATON_SHARED`, or `shared` beside the project: its
`data/identity`) with the one setting that `baton.linkage` has: columns are known by their names,
nothing is set per set. `--data` links another file (CSV or Parquet) instead, whose column `--truth`
says who is who; `--small` leaves out the largest set.

Per set: pairwise `f1`, `precision` and `recall` of our clusters. `splink_best_f1` is that of
Splink's own clusters (connected components) over the same scored pairs, at the threshold
(`splink_best_threshold`, log2 of odds) that turns out best on that set, which nobody knows
beforehand. `seconds` are those of our side, from the values to the clusters; `peak_mb` the largest
memory of the process until then.
"""

import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb

from baton.errors import UsageError
from baton.linkage import PAIRS, find_alike, kinds_of, require_splink
from baton.project import Project

Facts = dict[str, Any]
MEMORY = "2GB"
_THRESHOLDS = [float(weight) for weight in range(-4, 21)]
_SCORES = """
with pairs_of as (
    select coalesce(sum(n * (n - 1) / 2), 0)::double as pairs from (
        select count(*) as n from {clusters} group by cluster
    )
),
true_pairs as (
    select coalesce(sum(n * (n - 1) / 2), 0)::double as pairs from (
        select count(*) as n from given where truth_of_record is not null group by truth_of_record
    )
),
found as (
    select coalesce(sum(n * (n - 1) / 2), 0)::double as pairs from (
        select count(*) as n from {clusters} as c
        inner join given as g on c.id = g.record_number
        where g.truth_of_record is not null group by c.cluster, g.truth_of_record
    )
)
select f.pairs / nullif(p.pairs, 0), f.pairs / nullif(t.pairs, 0)
from found as f, pairs_of as p, true_pairs as t
"""


@dataclass(frozen=True)
class DataSet:
    """Records with the truth about them.

    `truth` is SQL over the columns of the file; where it is one of them, `column` names it.
    """

    name: str
    file: Path
    truth: str
    column: str | None = None

    @classmethod
    def of_file(cls, file: Path, column: str) -> "DataSet":
        """A set of one's own, whose `column` says who is who."""
        return cls(file.stem, file, '"' + column.replace('"', '""') + '"', column)


def shared_sets(*, is_small: bool = False) -> list[DataSet]:
    """Return the sets of the shared folder. Raises `UsageError` when it is not there."""
    shared = os.environ.get("BATON_SHARED") or Project.find().root.parent / "shared"
    folder = Path(shared) / "data" / "identity"
    sets = [
        DataSet("fake_1000", folder / "fake_1000.csv", "cluster"),
        DataSet(
            "febrl3", folder / "febrl_dataset3.csv", "regexp_extract(rec_id, '^([^-]+-[^-]+)', 1)"
        ),
        DataSet("historical_50k", folder / "historical_figures_with_errors_50k.parquet", "cluster"),
    ][: 2 if is_small else 3]
    missing = [one.file.name for one in sets if not one.file.is_file()]
    if missing:
        raise UsageError(
            f"the sets are not here: {', '.join(missing)}",
            where="shared folder, data/identity",
            mend="set BATON_SHARED to the folder that holds data/identity, or give --data, --truth",
        )
    return sets


def measure(one: DataSet, database: str = ":memory:") -> Facts:
    """Link a set and judge our clusters, and Splink's beside them."""
    with duckdb.connect(database) as con, tempfile.TemporaryDirectory() as spill:
        con.execute(f"set memory_limit = '{MEMORY}'")
        con.execute(f"set temp_directory = '{spill}'")
        columns = _read(con, one)
        begun = time.perf_counter()
        likeness = find_alike(con, "given", kinds_of(columns))
        seconds = round(time.perf_counter() - begun, 1)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        precision, recall = _judged(con, "clusters")
        best_f1, threshold = max(_judged_by_splink(con))
        return {
            "f1": _f1(precision, recall),
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "splink_best_f1": best_f1,
            "seconds": seconds,
            "splink_best_threshold": threshold,
            "records": likeness.records,
            "pairs": likeness.pairs,
            "kinds": list(likeness.kinds),
            "peak_mb": peak_mb,
        }


def _read(con: duckdb.DuckDBPyConnection, one: DataSet) -> list[str]:
    """Number the records into the table `given`; return the columns that may be compared."""
    path = str(one.file).replace("'", "''")
    is_parquet = one.file.suffix.lower() == ".parquet"
    rows = f"read_parquet('{path}')" if is_parquet else f"read_csv('{path}', all_varchar = true)"
    con.execute(
        f"""create or replace table given as
        select row_number() over () as record_number, {one.truth} as truth_of_record, r.*
        from {rows} as r"""
    )
    columns = con.execute("select * from given limit 0").description or []
    return [str(column[0]) for column in columns if column[0] != one.column]


def _judged_by_splink(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[float, float]]:
    """Yield F1 and threshold of Splink's clusters, for each threshold."""
    from splink import DuckDBAPI  # noqa: PLC0415 - Splink is an extra
    from splink.clustering import (  # noqa: PLC0415
        cluster_pairwise_predictions_at_threshold,
    )

    api = DuckDBAPI(con)
    con.execute(
        f"""create or replace view scored as
        select a, b, 1 / (1 + pow(2.0, -weight)) as match_probability from {PAIRS}"""
    )
    nodes, edges = api.register("linkage_records"), api.register("scored")
    for threshold in _THRESHOLDS:
        found = cluster_pairwise_predictions_at_threshold(
            nodes,
            edges,
            api,
            node_id_column_name="unique_id",
            edge_id_column_name_left="a",
            edge_id_column_name_right="b",
            threshold_match_weight=threshold,
        )
        clusters = f"(select unique_id as id, cluster_id as cluster from {found.physical_name})"
        yield _f1(*_judged(con, clusters)), threshold


def _judged(con: duckdb.DuckDBPyConnection, clusters: str) -> tuple[float, float]:
    """Precision and recall over pairs; what no cluster names stands alone."""
    precision, recall = con.execute(_SCORES.format(clusters=clusters)).fetchall()[0]
    return precision or 0.0, recall or 0.0


def _f1(precision: float, recall: float) -> float:
    return round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0


def _database(keep: Path | None, name: str) -> str:
    """A new file of the set's name in the folder, or memory."""
    if keep is None:
        return ":memory:"
    keep.mkdir(parents=True, exist_ok=True)
    file = keep / f"linkage_of_{name}.duckdb"
    file.unlink(missing_ok=True)
    return str(file)


@click.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Link this file."
)
@click.option("--truth", help="The column of --data that says who is who.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
@click.option("--small", is_flag=True, help="Without the largest set.")
def main(
    json_file: Path | None, data: Path | None, truth: str | None, keep: Path | None, small: bool
) -> None:
    """Link the sets and tell how well it went."""
    if (data is None) != (truth is None):
        raise click.UsageError("--data and --truth go together")
    try:
        require_splink()
        sets = shared_sets(is_small=small) if data is None else [DataSet.of_file(data, str(truth))]
    except UsageError as error:
        raise click.ClickException(str(error)) from None
    facts: dict[str, Facts] = {}
    for one in sets:
        facts[one.name] = measure(one, _database(keep, one.name))
        click.echo(f"{one.name}: f1 {facts[one.name]['f1']}", err=True)
    text = json.dumps(facts, indent=2)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
