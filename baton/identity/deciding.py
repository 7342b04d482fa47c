"""What a decision about two identifiers would do, as far as can be told from their persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.identity.ends import End
from baton.identity.evidence import Evidence, Node
from baton.identity.paths import Edge, Pair, links_between, parts
from baton.journal import Journal
from baton.journal.overrides import Kind, Wish

_NOBODY = ("", "")


@dataclass(frozen=True)
class Prospect:
    """What the next batch is expected to do: `effect` is merge, split or none.

    `person_ids` are those that the identifiers of today's persons would then have.
    """

    effect: str
    person_ids: tuple[str, ...]
    wish: Wish


def prospect(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    journal: Journal,
    kind: Kind,
    ends: tuple[End, End],
) -> Prospect:
    """Tell by the edges of the persons concerned; limits and other decisions are left out.

    Raises UsageError for two that are to be kept apart while a chain of decisions joins them.
    """
    one, other = ends
    evidence = Evidence(con, dbt)
    today = {one.person_id, other.person_id}
    nodes = {
        node_id: node
        for person_id in today
        for node_id, node in evidence.nodes_of(person_id).items()
    }
    pair = one.node_id, other.node_id
    edges = [edge for edge in evidence.edges_of(today) if nodes.keys() >= {*edge.pair}]
    against = _against(journal, pair, edges, nodes) if kind == "never" else ()
    along = _accounts(con, dbt, one, other, nodes) if kind == "force" else ()
    left = [edge for edge in edges if edge.rule != "force" or edge.pair not in against]
    after = _after(kind, pair, left, nodes)
    is_other = after != today
    effect = "none" if not is_other else "merge" if len(after) < len(today) else "split"
    wish = Wish(kind, pair, along, against, _policy(con, dbt, pair))
    return Prospect(effect, tuple(sorted(after)), wish)


def _against(
    journal: Journal, pair: Pair, edges: Iterable[Edge], nodes: Mapping[str, Node]
) -> tuple[Pair, ...]:
    """The pairs, of the journal or the release, whose being joined would join the two."""
    accepted = [edge for edge in edges if edge.is_accepted]
    said = {(one.node_a_id, one.node_b_id): one.kind for one in journal.overrides.latest()}
    forced = {edge.pair for edge in accepted if edge.rule == "force"}
    forced = {one for one in forced if said.get(one, "force") == "force"}
    forced |= {one for one, kind in said.items() if kind == "force" and nodes.keys() >= {*one}}
    records = [edge for edge in accepted if edge.rule != "force"]
    direct, is_chained = links_between(pair, records, sorted(forced))
    if is_chained:
        raise UsageError(
            "other decisions join these two, one by one",
            where="baton identity separate",
            mend="`baton identity explain` of both shows them: lift one of those first",
        )
    return tuple(direct)


def _accounts(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    one: End,
    other: End,
    nodes: Mapping[str, Node],
) -> tuple[Pair, ...]:
    """Pairs of what a person may have few of: without them a link would tear the second apart."""
    if one.person_id == other.person_id:
        return ()
    rules = dbt.relation("stg_release__identity_rules")
    limits = con.execute(
        f"select node_type, max_per_person from {rules} where max_per_person is not null"
    ).fetchall()
    pairs = list[Pair]()
    for node_type, most in limits:
        mine, theirs = (
            [n.node_id for n in nodes.values() if (n.node_type, n.person_id) == (node_type, who)]
            for who in (one.person_id, other.person_id)
        )
        if len(mine) + len(theirs) > most:
            pairs += zip(mine, theirs, strict=False)
    return tuple(pairs)


def _after(kind: Kind, pair: Pair, edges: Iterable[Edge], nodes: Mapping[str, Node]) -> set[str]:
    """The person ids that these identifiers would have."""
    order = {node_id: node.number for node_id, node in nodes.items()}
    if kind == "force":
        return {nodes[min(order, key=order.__getitem__)].minted_id}
    if kind == "lifted":
        joining = [edge for edge in edges if _joins_once_lifted(edge, pair)]
        found = parts(joining, _NOBODY, order)
    else:
        found = parts([edge for edge in edges if edge.is_accepted], pair, order)
    return {nodes[min(part, key=order.__getitem__)].minted_id for part in found}


def _joins_once_lifted(edge: Edge, pair: Pair) -> bool:
    if set(edge.pair) == set(pair) and edge.rule == "force":
        return bool(edge.evidence_count)
    return edge.is_accepted or edge.reason == "never_link"


def _policy(con: duckdb.DuckDBPyConnection, dbt: DbtProject, pair: Pair) -> Kind | None:
    low, high = sorted(pair)
    row = con.execute(
        f"select o.kind from {dbt.relation('stg_release__identity_overrides')} as o "
        "where o.node_a_id = ? and o.node_b_id = ?",
        [low, high],
    ).fetchone()
    return row[0] if row else None
