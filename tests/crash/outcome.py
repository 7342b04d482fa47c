"""What a run left behind, in a form in which two runs can be compared."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
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

    Rows of journeys and the values of decisions and messages begin with the person id. `decisions`
    are the last evaluation of each candidate, `orphaned` the messages that were claimed by a
    sender that died, `left_open_by` how many unknown ones each of those left. `repeats` are
    webhooks that came again under the same id, which their receivers must be able to take.
    """

    people: Mapping[str, str]
    states: Facts
    transitions: Facts
    decisions: Mapping[str, tuple[Any, ...]]
    records: Mapping[str, Counter[tuple[Any, ...]]]
    windows: Sequence[tuple[Any, ...]]
    unaccounted: Sequence[str]
    not_loaded_once: Sequence[str]
    messages: Mapping[str, tuple[str, str]]
    orphaned: frozenset[str]
    left_open_by: Counter[str]
    received: Counter[tuple[str, str]]
    repeats: int

    @property
    def unknown(self) -> frozenset[str]:
        """The messages of which the journal says that nobody knows whether they arrived."""
        return frozenset(id_ for id_, (_, state) in self.messages.items() if state == "unknown")

    @property
    def doubtful(self) -> frozenset[str]:
        """The persons of the unknown messages: what failed, and what follows, may differ."""
        return frozenset(self.messages[id_][0] for id_ in self.unknown)


def outcome_of(project: Project, dbt: DbtProject, received: Path) -> Outcome:
    """Read the stores of `project` and the log `received` of its receivers."""
    lines = received.read_text("utf-8").splitlines() if received.exists() else []
    events = [json.loads(line) for line in lines]
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        people = dict(_rows(con, dbt, "select node_id, person_id from {identity_map}"))
        messages = journal.messages_of(people)
        return Outcome(
            people=people,
            states=frozenset(_rows(con, dbt, _STATES)),
            transitions=frozenset(_rows(con, dbt, _TRANSITIONS)),
            decisions={row[0]: row[1:] for row in _rows(con, dbt, _DECISIONS)},
            records={table: _records(con, table) for table in _tables(con)},
            windows=_rows(con, dbt, _WINDOWS),
            unaccounted=[row[0] for row in _rows(con, dbt, _UNACCOUNTED)],
            not_loaded_once=[row[0] for row in _rows(con, dbt, _NOT_LOADED_ONCE)],
            messages={
                row["message_id"]: (people[row["node_id"]], row["state"]) for row in messages
            },
            orphaned=frozenset(
                row["message_id"]
                for row in messages
                for attempt in journal.attempts(row["message_id"])
                if attempt["status"] == "orphaned"
            ),
            left_open_by=Counter(
                attempt["worker"]
                for row in messages
                if row["state"] == "unknown"
                for attempt in journal.attempts(row["message_id"])
                if attempt["status"] == "orphaned"
            ),
            received=Counter(
                (event["kind"], event["message_id"])
                for event in events
                if event["status"] == "accepted"
            ),
            repeats=sum(event["status"] == "repeated" for event in events),
        )


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
select person_id, journey, instance_id, correlation_key, step, status, since from {journey_states}
"""
_TRANSITIONS = """
select m.person_id, t.journey, t.step_id, t.instance_id, t.step_no, t.transition_id, t.from_step,
    t.step, t.kind, t.cause, t.reached_at, t.action
from {transitions} as t inner join {identity_map} as m on t.entry_node_id = m.node_id
"""
_DECISIONS = """
select d.candidate_id, m.person_id, d.outcome, d.reason, d.message_id
from {decisions} as d inner join {identity_map} as m on d.entry_node_id = m.node_id
qualify row_number() over (partition by d.candidate_id order by d.evaluation_no desc) = 1
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
