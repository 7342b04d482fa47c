"""What `benchmarks.identity` measures, one function a part, each run in a process of its own."""

import resource
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.hot_path import HotPath
from benchmarks.identity_truth import (
    CROWD,
    CROWD_PERSONS,
    CROWD_RECORDS,
    DIFFERING,
    OVER_LIMIT,
    SHARED,
    SIZES,
    judge,
)
from benchmarks.identity_warehouse import THREADS, Facts, IdentityWarehouse, cpu_seconds

MEMORY = "1200MB"
"""Of the engine; sorts and joins beyond it go to the disk."""
SLICE = 1_000_000
"""Links in a window while a graph is loaded, as intake's limit would cut them."""
BATCHES = 3
COMPONENTS = "int_identity__touched_components"
_SEEN = ("nodes", "observations")
_ACCEPTED = """
copy (
    select a.node_seq as a, b.node_seq as b
    from {edges} as e
    inner join {nodes} as a on e.node_a_id = a.node_id
    inner join {nodes} as b on e.node_b_id = b.node_id
    where e.status = 'accepted'
) to '{file}'
"""


@dataclass(frozen=True)
class Seen:
    """A graph on disk, the folder of its warehouse, and the place of the last link seen."""

    graph: Path
    folder: Path
    up_to: int

    @property
    def links(self) -> Path:
        """The file of links."""
        return self.graph / "links.parquet"

    @property
    def crowd(self) -> Path:
        """The file of links of the crowd."""
        return self.folder / "crowd.parquet"

    @property
    def accepted(self) -> Path:
        """The file of accepted edges that the components were made of."""
        return self.folder / "accepted.parquet"


def apart(part: Callable[..., Facts], *arguments: object, **more: object) -> Facts:
    """Run a part in a process of its own; return its facts and `peak_mb` of that process."""
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=_told, args=(sender, partial(part, *arguments, **more)))
    process.start()
    sender.close()
    try:
        facts: Facts = receiver.recv()
    except EOFError:
        raise SystemExit(f"the part {part.__name__} failed") from None
    finally:
        process.join()
    return facts


def _told(sender: Connection, part: Callable[[], Facts]) -> None:
    facts = part()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sender.send(facts | {"peak_mb": round(peak)})


def grow(dbt: DbtProject, seen: Seen) -> Facts:
    """Build identity from the links up to the place, a slice a window."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        slices: list[Facts] = []
        for place in range(0, seen.up_to, SLICE):
            made.observe(seen.links, after=place, up_to=min(place + SLICE, seen.up_to))
            slices.append(made.build())
            made.con.execute("checkpoint")
        return {"cpu_s": sum(one["cpu_s"] for one in slices), "slices": slices}


def judged(dbt: DbtProject, seen: Seen) -> Facts:
    """Recount precision, recall, persons over a limit, and the sizes."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        people, rules = made.relation("identity_map"), made.relation("stg_release__identity_rules")
        return {
            "edges": made.count(f"select count(*) from {made.relation('int_identity__edges')}"),
            "reasons": made.pairs(
                "select coalesce(reason, 'accepted'), count(*) from "
                f"{made.relation('int_identity__edges')} group by 1 order by 1"
            ),
            "components_over_limit": made.count(OVER_LIMIT.format(people=people, rules=rules)),
            "sizes": made.pairs(SIZES.format(people=people)),
            **judge(made.con, people, graph=seen.graph, up_to=seen.up_to),
        }


def guarded(dbt: DbtProject, seen: Seen) -> Facts:
    """Build whole, with all guards, all that comes after the observations."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        made.open_window()
        return made.build(_after(made), full_refresh=True)


def unguarded(dbt: DbtProject, seen: Seen) -> Facts:
    """Take all guards away and build whole; what it took are the components alone.

    The edges that they join go to a file. The counts show what the guards are good for.
    """
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        people, rules = made.relation("identity_map"), made.relation("stg_release__identity_rules")
        made.con.execute(f"create temp table rules_before as from {rules}")
        made.take_guards_away()
        made.open_window()
        needed = made.above(COMPONENTS)
        made.build([one for one in _after(made) if one in needed], full_refresh=True)
        facts = made.build([COMPONENTS], full_refresh=True)
        rest = [one for one in _after(made) if one not in needed and one != COMPONENTS]
        made.build(rest, full_refresh=True)
        edges, nodes = made.relation("edges"), made.relation("nodes")
        made.con.execute(_ACCEPTED.format(edges=edges, nodes=nodes, file=seen.accepted))
        over = made.count(OVER_LIMIT.format(people=people, rules="rules_before"))
        crowd = persons_of_crowd(made, seen)
        right = judge(made.con, people, graph=seen.graph, up_to=seen.up_to)
        clusters = made.count(
            f"select count(distinct component_seq) from {made.relation(COMPONENTS)} "
            f"where node_seq in (select unnest([a, b]) from read_parquet('{seen.accepted}'))"
        )
        return {
            **facts,
            **right,
            "components_over_limit": over,
            "clusters": clusters,
            "persons_of_crowd": crowd,
        }


def splink(seen: Seen) -> Facts:
    """Cluster the same edges with Splink, by numbers: a third of the work that ids are for it."""
    from splink import DuckDBAPI  # noqa: PLC0415  # an extra
    from splink.clustering import cluster_pairwise_predictions_at_threshold  # noqa: PLC0415

    with duckdb.connect() as con:
        con.execute(f"set threads = {THREADS}")
        con.execute(f"create table edges as from read_parquet('{seen.accepted}')")
        con.execute("create table nodes as select distinct unnest([a, b]) as node from edges")
        since = cpu_seconds()
        made = cluster_pairwise_predictions_at_threshold(
            con.table("nodes"),
            con.table("edges"),
            db_api=DuckDBAPI(con),
            node_id_column_name="node",
            edge_id_column_name_left="a",
            edge_id_column_name_right="b",
        )
        spent = cpu_seconds() - since
        counted = f"select count(distinct cluster_id) from {made.physical_name}"
        return {"cpu_s": round(spent, 2), "clusters": con.execute(counted).fetchall()[0][0]}


def batches(dbt: DbtProject, seen: Seen, links: int) -> Facts:
    """Let a few batches of so many new links come; return the medians."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        return _batches(made, made.warm_up(), seen, links)


def running(dbt: DbtProject, seen: Seen, *, links: int, people: int, removed: int) -> Facts:
    """Run warm: batches of a tenth of the links and of all, the crowd, then the removal."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        hot = made.warm_up()
        few = _batches(made, hot, seen, links // 10)
        later = replace(seen, up_to=seen.up_to + BATCHES * links // 10)
        many = _batches(made, hot, later, links)
        last = replace(seen, up_to=later.up_to + BATCHES * links)
        crowd = _crowd(made, hot, last, people, links)
        return {"few": few, "many": many, "crowd": crowd, "removal": _removal(made, hot, removed)}


def _batches(made: IdentityWarehouse, hot: HotPath, seen: Seen, links: int) -> Facts:
    runs: list[Facts] = []
    for number in range(BATCHES):
        place = seen.up_to + number * links
        records = made.observe(seen.links, after=place, up_to=place + links)
        runs.append(made.replay(hot, records=records))
    return {
        "sql_s": statistics.median(one["sql_s"] for one in runs),
        "cpu_s": statistics.median(one["cpu_s"] for one in runs),
        "runs": runs,
    }


def _crowd(made: IdentityWarehouse, hot: HotPath, seen: Seen, people: int, links: int) -> Facts:
    """Let people who share one mail and one device come in batches of so many links."""
    nodes, file, edges = seen.graph / "nodes.parquet", seen.crowd, made.relation("edges")
    made.con.execute(CROWD.format(nodes=nodes, people=people, file=file, first=seen.up_to))
    total = made.count(f"select count(*) from read_parquet('{file}')")
    before = persons_of_crowd(made, seen)
    seconds: list[float] = []
    for place in range(0, total, links):
        end = seen.up_to + min(place + links, total)
        records = made.observe(file, after=seen.up_to + place, up_to=end)
        seconds.append(made.replay(hot, records=records)["sql_s"])
    shared = SHARED.format(file=file)
    return {
        "worst_s": max(seconds),
        "median_s": statistics.median(seconds),
        "links": total,
        "persons": before,
        "merged": before - persons_of_crowd(made, seen),
        "uncounted": total
        - made.count(CROWD_RECORDS.format(edges=edges, file=file, shared=shared)),
    }


def _removal(made: IdentityWarehouse, hot: HotPath, identifiers: int) -> Facts:
    """Let a release block so many mails; return what the window took."""
    made.block(identifiers)
    facts = made.replay(hot)
    edges = made.relation("int_identity__edges")
    blocked = f"select count(*) from {edges} where reason = 'blocked_value'"
    return {**facts, "edges_blocked": made.count(blocked)}


def persons_of_crowd(made: IdentityWarehouse, seen: Seen) -> int:
    """Return how many persons the people of the crowd are."""
    people = made.relation("identity_map")
    return made.count(CROWD_PERSONS.format(people=people, file=seen.crowd))


def rebuilt(dbt: DbtProject, seen: Seen) -> Facts:
    """Rebuild what the batches left; count differing nodes, then again with a link taken out."""
    with IdentityWarehouse(seen.folder, dbt, memory=MEMORY) as made:
        people = made.relation("identity_map")
        made.con.execute(f"create temp table before as select node_id, person_id from {people}")
        differing: list[int] = []
        for spoil in (lambda: None, made.take_link_away):
            spoil()
            made.open_window()
            made.build(_after(made), full_refresh=True)
            differing.append(made.count(DIFFERING.format(people=people)))
        return {
            "differing_nodes": differing[0],
            "differing_nodes_without_a_link": differing[1],
        }


def _after(made: IdentityWarehouse) -> list[str]:
    return [one for one in made.models if one not in _SEEN]
