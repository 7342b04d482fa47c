"""Why two identifiers are one person or two, and how a person came to be, by rows alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.identity.ends import End, find_end
from baton.identity.evidence import Evidence, Node
from baton.identity.paths import Edge, nearest_path, strongest_path
from baton.journal import Journal
from baton.journal.overrides import Override

Row = dict[str, Any]
_VALUE = "value"
NEXT = {
    "limit": "`explain` it; `link` the accounts if they are one person's, else `separate` the "
    "identifier that strangers share from one of them",
    "never_link": "nothing, if they are two persons; `lift` the decision if they are one",
    "force_against_never": "decisions contradict each other: `lift` one of them",
    "fanout_cap": "block the value in identity_blocked_values if it is nobody's own, else `link` "
    "whom it belongs to",
    "equal_evidence": "`explain` it; `link` the accounts if they are one person's, else "
    "`separate` the identifier from the wrong one",
}


def of_pair(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, journal: Journal, one: str, other: str
) -> Row:
    """Return whether two are the same person, by which path, or what keeps them apart.

    `verdict` is same_person, kept_apart or no_evidence. `path` has the strongest path of accepted
    edges, else the nearest one through refused edges; `refused` the edges between the two persons
    that join nobody. Times are naive UTC.
    """
    ends = find_end(con, dbt, one), find_end(con, dbt, other)
    evidence = Evidence(con, dbt)
    persons = {end.person_id for end in ends}
    node_ids = ends[0].node_id, ends[1].node_id
    if is_same := len(persons) == 1:
        edges = evidence.edges_of(persons)
        path = strongest_path(edges, *node_ids)
    else:
        edges = evidence.edges_around(persons)
        path = nearest_path(edges, *node_ids)
    nodes = evidence.nodes({node_id for edge in edges for node_id in edge.pair} | set(node_ids))
    refused = [] if is_same else [one for one in edges if _is_between(one, nodes, persons)]
    within = {node_id for node_id, node in nodes.items() if node.person_id in persons}
    return {
        "verdict": "same_person" if is_same else "kept_apart" if path else "no_evidence",
        "ends": [_end(end) for end in ends],
        "path": [_edge(edge, nodes) for edge in path],
        "refused": [_edge(edge, nodes) for edge in refused],
        "decisions": decisions(con, dbt, journal, within),
    }


def of_person(con: duckdb.DuckDBPyConnection, dbt: DbtProject, journal: Journal, asked: str) -> Row:
    """Return a person's identifiers, the edges that touch them, decisions, and merges and splits.

    `changes` are those of every id that the person's identifiers ever gave, oldest first.
    """
    end, evidence = find_end(con, dbt, asked), Evidence(con, dbt)
    mine, edges = evidence.nodes_of(end.person_id), evidence.edges_of([end.person_id])
    nodes = evidence.nodes({node_id for edge in edges for node_id in edge.pair}) | mine
    return {
        "person_id": end.person_id,
        "identifiers": [
            {**_node(node), "gives_id": node.minted_id == end.person_id} for node in mine.values()
        ],
        "edges": [_edge(edge, nodes) for edge in edges],
        "decisions": decisions(con, dbt, journal, mine),
        "changes": evidence.changes_of({node.minted_id for node in mine.values()}),
    }


def overrides(con: duckdb.DuckDBPyConnection, dbt: DbtProject, journal: Journal) -> list[Row]:
    """Return the decisions that stand: of the journal, of the live release, of sources."""
    return decisions(con, dbt, journal, None)


def decisions(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    journal: Journal,
    node_ids: Collection[str] | None,
) -> list[Row]:
    """Those about one of these identifiers, of all for None.

    `is_taken_in` is false until a batch has heard of it; an end is null when its identifier is not
    known (any more).
    """
    latest = {(one.node_a_id, one.node_b_id): one for one in journal.overrides.latest()}
    taken = _taken_in(con, dbt)
    said = [
        _decision(one, is_taken_in=one.override_id in taken)
        for one in latest.values()
        if one.kind != "lifted"
    ]
    given = (*_of_policy(con, dbt), *_of_sources(con, dbt))
    said += [row for row in given if row["pair"] not in latest]
    about = [row for row in said if node_ids is None or not set(node_ids).isdisjoint(row["pair"])]
    nodes = Evidence(con, dbt).nodes({node_id for row in about for node_id in row["pair"]})
    return [_with_ends(row, nodes) for row in about]


def conflicts(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> list[Row]:
    """Return what rules could not settle, with the oldest identifier concerned and what to do.

    Those that keep most persons apart come first.
    """
    result = con.execute(
        f"""select conflict_id, kind, component_person_id, node_id, edge_count, person_count,
            last_observed_at
        from {dbt.relation("identity_conflicts")}
        order by person_count desc, edge_count desc, conflict_id"""
    )
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    nodes = Evidence(con, dbt).nodes({row["node_id"] for row in rows})
    return [
        {**row, "identifier": _node(nodes[row.pop("node_id")]), "next": NEXT[row["kind"]]}
        for row in rows
    ]


def _is_between(edge: Edge, nodes: Mapping[str, Node], persons: Collection[str]) -> bool:
    found = {nodes[node_id].person_id for node_id in edge.pair if node_id in nodes}
    return not edge.is_accepted and found == set(persons)


def _taken_in(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> set[str]:
    staged = dbt.relation("stg_journal__identity_overrides")
    return {row[0] for row in con.execute(f"select override_id from {staged}").fetchall()}


def _of_policy(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> Iterable[Row]:
    released = dbt.relation("stg_release__identity_overrides")
    rows = con.execute(f"select kind, node_a_id, node_b_id, reason from {released}").fetchall()
    for kind, low, high, reason in rows:
        yield {
            "override_id": None,
            "kind": kind,
            "pair": (low, high),
            "decided_by": "policy",
            "reason": reason,
            "decided_at": None,
            "is_taken_in": True,
        }


def _of_sources(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> Iterable[Row]:
    """What was merged in a source and nobody decided about otherwise, by the last batch."""
    nodes = dbt.relation("nodes")
    rows = con.execute(
        f"""select least(a.node_id, b.node_id), greatest(a.node_id, b.node_id), o.reason,
            o.decided_by, o.decided_at
        from {dbt.relation("int_identity__overrides")} as o
        inner join {nodes} as a on o.low_seq = a.node_seq
        inner join {nodes} as b on o.high_seq = b.node_seq
        where o.kind = 'force' and o.reason = 'merged_in_source' order by all"""
    ).fetchall()
    for low, high, reason, source, decided_at in rows:
        yield {
            "override_id": None,
            "kind": "force",
            "pair": (low, high),
            "decided_by": source,
            "reason": reason,
            "decided_at": decided_at,
            "is_taken_in": True,
        }


def _decision(one: Override, *, is_taken_in: bool) -> Row:
    return {
        "override_id": one.override_id,
        "kind": one.kind,
        "pair": (one.node_a_id, one.node_b_id),
        "decided_by": one.decided_by,
        "reason": one.reason,
        "decided_at": one.decided_at,
        "is_taken_in": is_taken_in,
    }


def _with_ends(row: Row, nodes: Mapping[str, Node]) -> Row:
    pair: Sequence[str] = row.pop("pair")
    known = [nodes.get(node_id) for node_id in pair]
    one, other = (node and _node(node) for node in known)
    return {**row, "one": one, "other": other}


def _edge(edge: Edge, nodes: Mapping[str, Node]) -> Row:
    ends = [nodes.get(node_id) for node_id in edge.pair]
    one, other = (node and _node(node) for node in ends)
    return {
        "one": one,
        "other": other,
        "rule": edge.rule,
        "evidence_count": edge.evidence_count,
        "confidence": edge.confidence,
        "status": edge.status,
        "reason": edge.reason,
        "first_observed_at": edge.first_observed_at,
        "last_observed_at": edge.last_observed_at,
    }


def _node(node: Node) -> Row:
    return {"type": node.node_type, _VALUE: node.value, "person_id": node.person_id}


def _end(end: End) -> Row:
    return {"type": end.node_type, _VALUE: end.value, "person_id": end.person_id}
