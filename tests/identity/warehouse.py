"""The recorded identity models over an invented installation in memory."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import duckdb

from baton.erasing.places import MODELS
from baton.erasing.warehouse import Person, held_by, loosen

from .recorded import Recorded, prepare_tables
from .resolving import Age, Known, pair_of
from .told import NO_RULE, Identifier, Node, Policies, Record, Window

_START = datetime(2026, 1, 1)
_ONCE = "stg_web__events"
"""A model whose records come once, see macro loaded_once."""
_NODES, _EDGES = '"identity"."nodes"', '"identity"."int_identity__edges"'


@dataclass(frozen=True)
class State:
    """What the tables say: edges by pair as (rule, evidence, confidence, reason), and people.

    `seen` has of each edge when it was first and last observed.
    `person_of` maps node ids to person ids, `component_of` to the oldest identifier's number,
    `minted_by` person ids to the identifier that gives them.
    """

    edges: dict[tuple[Node, Node], tuple[str, int, float, str | None]]
    seen: dict[tuple[Node, Node], tuple[datetime | None, datetime | None]]
    person_of: dict[Node, str]
    component_of: dict[Node, int]
    minted_by: dict[str, Node]

    def evidence_of(self, one: Node, other: Node) -> int:
        """How many records show the edge between two identifiers."""
        edge = self.edges.get(pair_of(one, other))
        return edge[1] if edge else 0


class Installation:
    """Hears windows one after the other, and knows all that it was told."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self.con, name = duckdb.connect(), recorded.catalog
        self.con.execute(f"attach ':memory:' as {name}; use {name}; set threads = 1")
        prepare_tables(self.con, recorded.sources)
        self.known = Known({}, {}, {}, (), (), (), Policies({}))
        self._seq = 0
        self._windows = 0
        self._releases = 0
        self._is_made = False
        self.last = Window()

    def hear(self, window: Window) -> None:
        """Run one batch over what the window brings."""
        before = self._seq
        at = _START + timedelta(minutes=self._windows)
        if window.erased in self.known.nodes:
            self._erase(window.erased, at)
        if window.policies is not None:
            self._release(window.policies, at)
        self._tell(window, at)
        self._windows += 1
        self._open(before, at)
        self._run(self._recorded.later if self._is_made else self._recorded.first)
        self._is_made = True
        self.last = window

    def again(self) -> None:
        """Run the last batch once more."""
        self._run(self._recorded.later)

    @contextmanager
    def rebuilt(self) -> Iterator[State]:
        """The state after a full rebuild, which is then undone."""
        self.con.execute("begin")
        try:
            self._run(self._recorded.whole)
            yield self.state()
        finally:
            self.con.execute("rollback")

    def state(self) -> State:
        """What the public tables say now; pairs that nothing shows any longer are left out."""
        edges = self.con.execute(
            "select node_a_id, node_b_id, rule, evidence_count, confidence, reason, status, "
            "first_observed_at, last_observed_at "
            "from identity.edges where reason is distinct from 'withdrawn'"
        ).fetchall()
        assert all((row[5] is None) == (row[6] == "accepted") for row in edges)
        people = self.con.execute(
            "select node_id, person_id, component_seq from identity.identity_map"
        ).fetchall()
        return State(
            {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in edges},
            {(row[0], row[1]): (row[7], row[8]) for row in edges},
            {row[0]: row[1] for row in people},
            {row[0]: row[2] for row in people},
            dict(
                self.con.execute("select minted_person_id, node_id from identity.nodes").fetchall()
            ),
        )

    @property
    def windows(self) -> int:
        """How many windows it has heard."""
        return self._windows

    def changes(self) -> list[dict[str, Any]]:
        """The ledger of changes, in the order of windows."""
        return self.rows("from identity.identity_changes order by window_id, change_id")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query, as dictionaries."""
        return self.con.execute(sql).to_arrow_table().to_pylist()

    def _tell(self, window: Window, at: datetime) -> None:
        seen: dict[Node, Identifier] = {}
        ages: dict[Node, Age] = {}
        for record in window.records:
            self._seq += 1
            hub, source = record.shows[0], _ONCE if record.comes_once else "test"
            for one in record.shows:
                seen[one.id] = one
                rule = self.known.policies.rules.get(one.type)
                ages.setdefault(one.id, (self._seq, rule.priority if rule else NO_RULE, one.id))
                self.con.execute(
                    "insert into staging.stg_observations values (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        record.record_id,
                        source,
                        one.type,
                        one.value,
                        one.id,
                        hub.id,
                        record.at,
                        self._seq,
                    ],
                )
        for said in window.decisions:
            self._seq += 1
            ends = sorted((said.one, said.other))
            self.con.execute(
                "insert into raw.journal_identity_overrides (seq, override_id, kind, node_a_id, "
                "node_b_id, decided_by, reason, decided_at, _loaded_seq, _loaded_at) "
                "values (?, ?, ?, ?, ?, ?, 'asked', ?, ?, ?)",
                [self._seq, str(self._seq), said.kind, *ends, said.by, said.at, self._seq, at],
            )
        for one in window.proposals:
            self._seq += 1
            self.con.execute(
                "insert into raw.identity_proposals (node_a_id, node_b_id, confidence, model, "
                "run_id, proposed_at, _loaded_seq) values (?, ?, ?, 'test', 'run', ?, ?)",
                [*sorted((one.one, one.other)), one.confidence, one.at, self._seq],
            )
        self.known = replace(
            self.known,
            nodes={**self.known.nodes, **seen},
            ages={**ages, **self.known.ages},
            records=(*self.known.records, *window.records),
            decisions=(*self.known.decisions, *window.decisions),
            proposals=(*self.known.proposals, *window.proposals),
        )

    def _release(self, policies: Policies, at: datetime) -> None:
        self._releases += 1
        self._seq += 1
        release = f"release {self._releases}"
        rows = [("identity_rules", row) for row in _rules(policies)]
        rows += [
            (
                "identity_blocked_values",
                {"kind": one.kind, "value": one.value, "node_type": one.type},
            )
            for one in policies.blocked
        ]
        for kind, one, other in policies.overrides:
            ends = sorted((one, other))
            row = {"kind": kind, "node_a_id": ends[0], "node_b_id": ends[1], "reason": "policy"}
            rows.append(("identity_overrides", row))
        for number, (policy, row) in enumerate(rows):
            self.con.execute(
                "insert into raw.release_policies values (?, ?, ?, ?)",
                [release, policy, number, json.dumps(row)],
            )
        self.con.execute(
            "insert into raw.journal_activations (seq, release_id, kind, active_from, recorded_at, "
            "_loaded_seq, _loaded_at) values (?, ?, 'activate', ?, ?, ?, ?)",
            [self._seq, release, at, at, self._seq, at],
        )
        self.known = replace(self.known, policies=policies)

    def _erase(self, node: Node, at: datetime) -> None:
        state = self.state()
        person = state.person_of[node]
        gone = {one for one, owner in state.person_of.items() if owner == person}
        self._seq += 1
        erasure = f"erasure {self._seq}"
        erased = Person((person,), tuple(sorted(gone)), ())
        loosen(self.con, _EDGES, _NODES, erased)
        listed = ", ".join(f"'{one}'" for one in gone)
        self.con.execute(
            f"delete from staging.stg_observations where node_id in ({listed}) "
            f"or hub_node_id in ({listed})"
        )
        for place in MODELS:
            relation = place.table if "." in place.table else f"identity.{place.table}"
            if self._has(relation):
                self.con.execute(f"delete from {relation} where {held_by(place, erased, _NODES)}")
        self.con.execute(
            "update raw.journal_identity_overrides set node_a_id = null, node_b_id = null "
            f"where node_a_id in ({listed}) or node_b_id in ({listed})"
        )
        self.con.execute(
            "insert into raw.journal_erasures (seq, erasure_id, node_ids, person_ids, erased_at, "
            "_loaded_seq, _loaded_at) values (?, ?, ?, ?, ?, ?, ?)",
            [self._seq, erasure, json.dumps(sorted(gone)), json.dumps([person]), at, self._seq, at],
        )
        self.known = replace(
            self.known,
            nodes={id_: one for id_, one in self.known.nodes.items() if id_ not in gone},
            ages={id_: age for id_, age in self.known.ages.items() if id_ not in gone},
            erased_by={**self.known.erased_by, **dict.fromkeys(gone, erasure)},
            records=tuple(kept for one in self.known.records if (kept := _without(one, gone))),
            decisions=tuple(one for one in self.known.decisions if not {one.one, one.other} & gone),
            proposals=tuple(one for one in self.known.proposals if not {one.one, one.other} & gone),
        )

    def _open(self, before: int, at: datetime) -> None:
        self.con.execute("delete from raw.this_window")
        self.con.execute(
            "insert into raw.this_window (window_id, batch_time, from_seq, to_seq, state) "
            "values (?, ?, ?, ?, 'committed')",
            [self._windows, at, before, self._seq],
        )

    def _run(self, statements: Sequence[str]) -> None:
        for sql in statements:
            self.con.execute(sql)

    def _has(self, relation: str) -> bool:
        found = self.con.execute(
            "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?", [relation]
        )
        return found.fetchone() is not None


def _without(record: Record, gone: set[Node]) -> Record | None:
    if record.shows[0].id in gone:
        return None
    kept = tuple(one for one in record.shows if one.id not in gone)
    return replace(record, shows=kept)


def _rules(policies: Policies) -> Iterator[dict[str, Any]]:
    for name, rule in policies.rules.items():
        listed = ";".join(f"{to}:{most}" for to, most in sorted(rule.cardinality_to.items()))
        yield {
            "node_type": name,
            "priority": str(rule.priority),
            "links": str(rule.links).lower(),
            "confidence": str(rule.confidence),
            "fanout_cap": _text(rule.fanout_cap),
            "cardinality_to": listed or None,
            "max_per_person": _text(rule.max_per_person),
        }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
