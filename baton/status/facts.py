"""What is there now: people, journeys, decisions, messages, batches, in plain counts."""

from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.promises import measure

_LATEST_BATCHES = 5


def facts(con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject) -> dict[str, Any]:
    """Return the facts of `baton status`, all counts of current rows; times are naive UTC.

    `journeys` are instances by journey, status and step; `actions` messages by journey, what was
    decided (send, route, escalate) and how far the journal says they have come.
    """
    return {
        "people": _one(con, f"select count(*) from {dbt.relation('customers')}"),
        "identifiers": _counts(con, f"select node_type, count(*) from {dbt.relation('nodes')}"),
        "journeys": _tree(
            con, f"select journey, status, step, count(*) from {dbt.relation('journey_states')}"
        ),
        "decisions": _tree(
            con, f"select outcome, reason, count(*) from {dbt.relation('decisions')}"
        ),
        "actions": _actions(con, journal, dbt),
        "messages": journal.message_counts(),
        "backlog": journal.backlog(),
        "sent_before_optout": len({one["message_id"] for one in journal.sent_before_optout()}),
        "batches": _batches(con),
        "quarantined": _counts(con, "select source, count(*) from raw.quarantine"),
        "identifiers_left_out": _counts(
            con,
            "select source || '.' || column_name, sum(records) from raw.identifiers_left_out",
        ),
        "waiting_deliveries": _one(
            con, "select count(*) from raw.deliveries where state in ('waiting', 'held', 'refused')"
        ),
        "erased": {
            "persons": len(journal.erasures.all()),
            "open": len(journal.erasures.open()),
            "records": _one(con, "select coalesce(sum(rows_erased), 0) from raw.deliveries"),
        },
        "provenance": provenance(con, dbt),
        "broken_promises": list(measure(con, dbt).broken.values()),
        "live_release": _live(con, dbt),
        "stopped": [
            {"scope": one.scope, "value": one.value, "reason": one.reason, "by": one.set_by}
            for one in journal.switches()
        ],
        "clock": {
            "now": journal.now().isoformat(sep=" ", timespec="seconds"),
            "is_simulated": journal.simulated_time() is not None,
        },
    }


def provenance(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> dict[str, int]:
    """Return how many source rows are recorded, grafted and generated, where sources say so."""
    totals: dict[str, int] = {}
    for source in dbt.source_nodes:
        if source["source_name"] in {"control", "journal"}:
            continue
        counts = _counts(con, f"select _provenance, count(*) from raw.{source['identifier']}")
        for kind, count in counts.items():
            totals[kind] = totals.get(kind, 0) + count
    return totals


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _counts(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    rows = con.execute(f"{sql} group by all order by all").fetchall()
    return {str(name): int(count) for name, count in rows if name is not None}


def _tree(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for *path, leaf, count in con.execute(f"{sql} group by all order by all").fetchall():
        branch = tree
        for name in path:
            branch = branch.setdefault(str(name), {})
        branch[str(leaf)] = int(count)
    return tree


def _actions(con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject) -> dict[str, Any]:
    decided = dict(
        con.execute(
            f"select action, max(outcome) from {dbt.relation('candidates')} "
            "where message_id is not null group by action"
        ).fetchall()
    )
    tree: dict[str, Any] = {}
    for journey, action, state, count in journal.message_counts_by_action():
        states = tree.setdefault(journey, {}).setdefault(decided.get(action, "send"), {})
        states[state] = states.get(state, 0) + count
    return tree


def _batches(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    latest = con.execute(
        "select window_id, batch_time, watermark, from_seq, to_seq, state from raw.windows "
        f"order by window_id desc limit {_LATEST_BATCHES}"
    ).fetchall()
    names = ("window_id", "batch_time", "watermark", "from_seq", "to_seq", "state")
    return {
        "count": _one(con, "select count(*) from raw.windows"),
        "latest": [
            {name: str(value) if name.endswith(("time", "mark")) else value
             for name, value in zip(names, row, strict=True)}
            for row in latest
        ],
    }  # fmt: skip


def _live(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> dict[str, Any] | None:
    row = con.execute(
        f"select release_id, active_from from {dbt.relation('stg_release__live')}"
    ).fetchone()
    return {"release_id": row[0], "active_from": str(row[1])} if row else None
