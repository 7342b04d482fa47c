"""What a run left behind, in a form in which two runs can be compared."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader

_LEDGER = "_loaded_seq, _loaded_at, _received_at, _delivery, _line"
Facts = frozenset[tuple[Any, ...]]


@dataclass(frozen=True)
class Outcome:
    """People, journeys, decisions, records and messages at the end of a run.

    `decisions` are the last evaluation of each candidate; `repeats` are webhooks that came again
    under the same id, which their receivers must be able to take.
    """

    people: Mapping[str, str]
    states: Facts
    transitions: Facts
    decisions: Mapping[str, tuple[Any, ...]]
    records: Mapping[str, Counter[tuple[Any, ...]]]
    windows: list[tuple[Any, ...]]
    unaccounted: list[str]
    not_loaded_once: list[str]
    messages: Mapping[str, str]
    received: Counter[tuple[str, str]]
    repeats: int

    @property
    def unknown(self) -> frozenset[str]:
        """The messages of which the journal says that nobody knows whether they arrived."""
        return frozenset(id_ for id_, state in self.messages.items() if state == "unknown")


def outcome_of(project: Project, dbt: DbtProject, received: Path) -> Outcome:
    """Read the stores of `project` and the log `received` of its receivers."""
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        events = [json.loads(line) for line in received.read_text("utf-8").splitlines()]
        return Outcome(
            people=dict(_rows(con, dbt, "select node_id, person_id from {identity_map}")),
            states=frozenset(_rows(con, dbt, _STATES)),
            transitions=frozenset(_rows(con, dbt, _TRANSITIONS)),
            decisions={row[0]: row[1:] for row in _rows(con, dbt, _DECISIONS)},
            records={table: _records(con, table) for table in _tables(con)},
            windows=_rows(con, dbt, _WINDOWS),
            unaccounted=[row[0] for row in _rows(con, dbt, _UNACCOUNTED)],
            not_loaded_once=[row[0] for row in _rows(con, dbt, _NOT_LOADED_ONCE)],
            messages={row["message_id"]: row["state"] for row in _messages(journal, con, dbt)},
            received=Counter(
                (event["kind"], event["message_id"])
                for event in events
                if event["status"] == "accepted"
            ),
            repeats=sum(event["status"] == "repeated" for event in events),
        )


def recoveries_of(outcome: Outcome, failed: frozenset[str]) -> tuple[set[str], set[str]]:
    """The instances that recover one of the `failed` messages, and the messages they sent."""
    instances = {row[0] for row in outcome.states if row[3] in failed}
    sent = {row[3] for row in outcome.decisions.values() if row[0] in instances and row[3]}
    return instances, sent


def _messages(
    journal: Journal, con: duckdb.DuckDBPyConnection, dbt: DbtProject
) -> list[dict[str, Any]]:
    nodes = [row[0] for row in _rows(con, dbt, "select node_id from {identity_map}")]
    return journal.messages_of(nodes)


def _rows(con: duckdb.DuckDBPyConnection, dbt: DbtProject, sql: str) -> list[tuple[Any, ...]]:
    names = ("identity_map", "journey_states", "transitions", "decisions")
    return con.execute(sql.format(**{name: dbt.relation(name) for name in names})).fetchall()


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "select table_name from duckdb_columns() where schema_name = 'raw' "
        "and column_name = '_delivery' and not starts_with(table_name, 'journal_') order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _records(con: duckdb.DuckDBPyConnection, table: str) -> Counter[tuple[Any, ...]]:
    return Counter(con.execute(f"select * exclude ({_LEDGER}) from raw.{table}").fetchall())


_STATES = """
select instance_id, person_id, journey, correlation_key, step, status, since from {journey_states}
"""
_TRANSITIONS = """
select step_id, instance_id, step_no, transition_id, from_step, step, kind, cause, reached_at,
    action
from {transitions}
"""
_DECISIONS = """
select candidate_id, instance_id, outcome, reason, message_id
from {decisions}
qualify row_number() over (partition by candidate_id order by evaluation_no desc) = 1
"""
_WINDOWS = """
select window_id, batch_time, from_seq, to_seq, watermark, state from raw.windows order by 1
"""
_UNACCOUNTED = """
select path from raw.deliveries
where rows_read <> rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined
"""
_NOT_LOADED_ONCE = """
select path from raw.deliveries where not starts_with(path, 'feed:')
group by path having count(*) <> 1 or max(state) <> 'loaded'
"""
