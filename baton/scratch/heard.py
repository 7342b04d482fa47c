"""What one window brings: signals, guards, activations, decisions, states of messages."""

from dataclasses import dataclass
from datetime import datetime

from baton.intake.arrow import Table
from baton.intake.sql import ident, text
from baton.scratch.tables import Tables, id_sql, short_sql, time_sql

_ACTIVATIONS = "raw.journal_activations"
_MESSAGE_EVENTS = "raw.journal_message_events"


@dataclass(frozen=True)
class Window:
    """One window of the scratch fold; `from_seq` is the last number before it."""

    window_id: int
    batch_time: datetime
    watermark: datetime
    from_seq: int


def hear_activations(tables: Tables, acts: Table, window: Window) -> None:
    """Append acts (`kind`, `release_id`) to the log, known and in force at the batch time."""
    now = time_sql(window.batch_time)
    values = {
        **_numbers(tables, _ACTIVATIONS, window),
        "release_id": "a.release_id",
        "kind": "a.kind",
        "active_from": now,
        "set_by": "'scratch'",
        "reason": "'scratch'",
        "recorded_at": now,
    }
    tables.insert(_ACTIVATIONS, values, "acts as a", {"acts": acts})
    tables.last_seq += acts.num_rows


def hear_signals(tables: Tables, rows: Table) -> None:
    """Append signals that are not known yet; the persons of all of them are touched."""
    signal_id = id_sql("signal", "s.event_id", "s.signal")
    listed = ", ".join(text(name) for name in tables.shape.signals)
    values = {name: f"s.{name}" for name in rows.column_names} | {
        "signal_id": "s.signal_id",
        "signal_short": short_sql("s.signal_id"),
        "node_short": short_sql("s.node_id"),
        "loaded_seq": f"{tables.last_seq} + s.row_no",
        "source_priority": f"coalesce(list_position([{listed}], s.signal), 1000)",
    }
    numbered = f"select s.*, {signal_id} as signal_id, row_number() over () as row_no from rows s"
    first = f"""(
        select * from ({numbered})
        qualify row_number() over (partition by signal_id order by row_no) = 1
    ) as s anti join {tables.relation("signals")} as t on s.signal_id = t.signal_id"""
    staged = {"rows": rows}
    tables.give("signals", values, first, staged)
    tables.last_seq += rows.num_rows
    tables.touch("select distinct s.node_id, null from rows as s", staged)


def hear_guards(tables: Tables, rows: Table) -> None:
    """Put in versions of guard intervals; persons of the old and the new one are touched."""
    values = {name: f"g.{name}" for name in rows.column_names} | {
        "guard_interval_id": id_sql("guard", "g.guard", "g.subject_key"),
        "node_short": short_sql("g.node_id"),
        "observed_at": "g.loaded_at",
        "loaded_seq": f"{tables.last_seq} + g.row_no",
    }
    latest = """(
        select * from (select g.*, row_number() over () as row_no from rows as g)
        qualify row_number() over (partition by guard, subject_key order by row_no desc) = 1
    ) as g"""
    table, staged = tables.relation("guards"), {"rows": rows}
    named = "(guard, subject_key) in (select (g.guard, g.subject_key) from rows as g)"
    tables.touch(f"select t.node_id, null from {table} as t where {named}", staged)
    tables.touch("select distinct g.node_id, null from rows as g", staged)
    tables.run(f"delete from {table} where {named}", staged)
    tables.give("guards", values, latest, staged)
    tables.last_seq += rows.num_rows


def hear_decisions(tables: Tables, rows: Table, steps: str) -> None:
    """Put in candidates; what a row does not say is taken from its step in `steps`."""
    if "candidates" not in tables.shape.given:
        return
    columns = [str(row[0]) for row in tables.con.execute(f"describe {steps}").fetchall()]
    values = {"candidate_id": id_sql("candidate", "d.step_id", "s.action")}
    values |= {name: f"s.{ident(name)}" for name in columns}
    values |= {name: f"d.{ident(name)}" for name in rows.column_names}
    staged = {"rows": rows}
    decided = "step_id in (select d.step_id from rows as d)"
    tables.run(f"delete from {tables.relation('candidates')} where {decided}", staged)
    joined = f"rows as d inner join {steps} as s on d.step_id = s.step_id"
    tables.give("candidates", values, joined, staged)


def hear_message_events(tables: Tables, rows: Table, window: Window) -> None:
    """Append states that messages reached, with the columns of the journal's stream by name."""
    values = {name: f"e.{ident(name)}" for name in rows.column_names}
    values |= _numbers(tables, _MESSAGE_EVENTS, window)
    staged = {"rows": rows}
    tables.insert(_MESSAGE_EVENTS, values, "rows as e", staged)
    tables.last_seq += rows.num_rows
    if "node_id" in rows.column_names:
        tables.touch("select distinct e.node_id, null from rows as e", staged)


def _numbers(tables: Tables, relation: str, window: Window) -> dict[str, str]:
    return {
        "seq": f"{tables.largest('seq', relation)} + row_number() over ()",
        "_loaded_seq": f"{tables.last_seq} + row_number() over ()",
        "_loaded_at": time_sql(window.batch_time),
        "_deleted": "false",
    }
