"""Edges and identifiers of persons, as the public tables have them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.identity.paths import Edge

_FAR = 3
_MOST = 500


@dataclass(frozen=True)
class Node:
    """An identifier; `number` tells which was seen first, `minted_id` is the id that it gives."""

    node_id: str
    node_type: str
    value: str = field(repr=False)
    number: int
    minted_id: str
    person_id: str


class Evidence:
    """Asks the warehouse; everything is of now."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> None:
        self._con, self._dbt = con, dbt

    def edges_of(self, person_ids: Collection[str]) -> list[Edge]:
        """The edges with an end in one of these persons."""
        nodes = f"""(
            select m.node_id from {self._map} as m
            where m.person_id in (select unnest($1::varchar[]))
        )"""
        rows = self._con.execute(
            f"""select e.node_a_id, e.node_b_id, e.rule, e.evidence_count, e.confidence, e.status,
                e.reason, e.first_observed_at, e.last_observed_at
            from {self._dbt.relation("edges")} as e
            where e.node_a_id in {nodes} or e.node_b_id in {nodes}
            order by e.node_a_id, e.node_b_id""",
            [list(person_ids)],
        ).fetchall()
        return [Edge(*row) for row in rows]

    def edges_around(self, person_ids: Collection[str]) -> list[Edge]:
        """The same, and those of the persons whom refused edges lead to, three persons far."""
        known = set(person_ids)
        edges = self.edges_of(known)
        for _ in range(_FAR):
            ends = {node_id for one in edges if not one.is_accepted for node_id in one.pair}
            beyond = {one.person_id for one in self.nodes(ends).values()} - known
            if not beyond or len(beyond) > _MOST:
                break
            known |= beyond
            edges = self.edges_of(known)
        return edges

    def nodes(self, node_ids: Collection[str]) -> dict[str, Node]:
        """These identifiers by id."""
        return self._nodes("n.node_id", node_ids)

    def nodes_of(self, person_id: str) -> dict[str, Node]:
        """The identifiers of a person by id, the oldest first."""
        return self._nodes("m.person_id", [person_id])

    def changes_of(self, person_ids: Collection[str]) -> list[dict[str, Any]]:
        """Merges, splits and decisions that concern one of these ids, oldest first."""
        result = self._con.execute(
            f"""select c.kind, c.from_person_id, c.to_person_id, c.rule, c.confidence, c.reason,
                c.decided_by, c.changed_at, c.window_id
            from {self._dbt.relation("identity_changes")} as c
            where list_contains($1, c.from_person_id) or list_contains($1, c.to_person_id)
            order by c.changed_at, c.window_id, c.change_id""",
            [list(person_ids)],
        )
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _nodes(self, column: str, ids: Collection[str]) -> dict[str, Node]:
        rows = self._con.execute(
            f"""select n.node_id, n.node_type, n.node_value, n.node_seq, n.minted_person_id,
                m.person_id
            from {self._dbt.relation("nodes")} as n
            join {self._map} as m on n.node_id = m.node_id
            where {column} in (select unnest($1::varchar[])) order by n.node_seq""",
            [list(ids)],
        ).fetchall()
        return {row[0]: Node(*row) for row in rows}

    @property
    def _map(self) -> str:
        return self._dbt.relation("identity_map")
