"""What a decision about two identifiers would do, as far as can be told from their persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from baton.dbt_runner import DbtProject
from baton.identity.ends import End
from baton.identity.evidence import Evidence, Node
from baton.identity.paths import Edge, parts
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
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, kind: Kind, one: End, other: End
) -> Prospect:
    """Tell by the edges of the persons concerned; limits and other decisions are left out."""
    evidence = Evidence(con, dbt)
    today = {one.person_id, other.person_id}
    numbers = {
        node_id: node
        for person_id in today
        for node_id, node in evidence.nodes_of(person_id).items()
    }
    pair = one.node_id, other.node_id
    after = _after(kind, pair, evidence.edges_of(today), numbers)
    is_other = after != today
    effect = "none" if not is_other else "merge" if len(after) < len(today) else "split"
    along = _accounts(con, dbt, one, other, numbers) if kind == "force" else ()
    wish = Wish(kind, pair, along, _policy(con, dbt, pair))
    return Prospect(effect, tuple(sorted(after)), wish)


def _accounts(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    one: End,
    other: End,
    nodes: Mapping[str, Node],
) -> tuple[tuple[str, str], ...]:
    """Pairs of what a person may have few of: without them a link would tear the second apart."""
    if one.person_id == other.person_id:
        return ()
    rules = dbt.relation("stg_release__identity_rules")
    limits = con.execute(
        f"select node_type, max_per_person from {rules} where max_per_person is not null"
    ).fetchall()
    pairs = list[tuple[str, str]]()
    for node_type, most in limits:
        mine, theirs = (
            [n.node_id for n in nodes.values() if (n.node_type, n.person_id) == (node_type, who)]
            for who in (one.person_id, other.person_id)
        )
        if len(mine) + len(theirs) > most:
            pairs += zip(mine, theirs, strict=False)
    return tuple(pairs)


def _after(
    kind: Kind, pair: tuple[str, str], edges: Iterable[Edge], nodes: Mapping[str, Node]
) -> set[str]:
    """The person ids that these identifiers would have."""
    order = {node_id: node.number for node_id, node in nodes.items()}
    if kind == "force":
        return {nodes[min(order, key=order.__getitem__)].minted_id}
    within = [edge for edge in edges if edge.node_a_id in nodes and edge.node_b_id in nodes]
    if kind == "lifted":
        joining = [edge for edge in within if _joins_once_lifted(edge, pair)]
        found = parts(joining, _NOBODY, order)
    else:
        found = parts([edge for edge in within if edge.is_accepted], pair, order)
    return {nodes[min(part, key=order.__getitem__)].minted_id for part in found}


def _joins_once_lifted(edge: Edge, pair: tuple[str, str]) -> bool:
    if set(edge.pair) == set(pair) and edge.rule == "force":
        return bool(edge.evidence_count)
    return edge.is_accepted or edge.reason == "never_link"


def _policy(con: duckdb.DuckDBPyConnection, dbt: DbtProject, pair: tuple[str, str]) -> Kind | None:
    low, high = sorted(pair)
    row = con.execute(
        f"select o.kind from {dbt.relation('stg_release__identity_overrides')} as o "
        "where o.node_a_id = ? and o.node_b_id = ?",
        [low, high],
    ).fetchone()
    return row[0] if row else None
