"""A small dbt project to release, and a warehouse to release it into."""

from pathlib import Path

import duckdb

from baton.intake.migrations import MIGRATIONS

CARD = """\
{% call journey() %}
journey: quote_stalled
owner: sales
purpose: marketing
key: quote_id
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: a quote was started}
  - {from: waiting, to: called, after: 1 day, do: task_call, within: 1 day,
     if: high_value, why: it's late}
{% endcall %}
"""
ACTIONS = """\
action,outcome,channel,destination,class,template,value,ttl,conflict_group,priority,fallback,owner
task_call,route,crm_task,crm_tasks,sales,call,25.5,2 days,,60,,sales
"""
SIGNAL = "select\n    quote_id as correlation_key -- the quote\nfrom {{ ref('stg_events') }}\n"
FILES = {
    "models/journeys/cards/quote_stalled.sql": CARD,
    "models/journeys/signals/quote_started.sql": SIGNAL,
    "models/journeys/guards/high_value.sql": "select 1 as node_id\n",
    "models/journeys/signals.sql": "{{ union_signals(['quote_started']) }}\n",
    "models/journeys/guards.sql": "{{ union_guards(['high_value']) }}\n",
    "models/_groups.yml": "groups:\n  - {name: sales, owner: {name: Sales}}\n",
    "seeds/policies/actions.csv": ACTIONS,
    "seeds/policies/channels.csv": "channel,node_type\ncrm_task,\n",
}


def write_project(folder: Path) -> Path:
    """Write the project that passes the check and return its folder."""
    for path, text in FILES.items():
        write(folder, path, text)
    return folder


def write(folder: Path, path: str, text: str) -> None:
    """Write one file of the project."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """Return a warehouse in memory that has the release tables."""
    con = duckdb.connect()
    con.execute("create schema raw")
    for _, _, statements in MIGRATIONS:
        con.execute(statements)
    return con
