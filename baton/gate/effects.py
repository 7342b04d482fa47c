"""What a replay decided, as files that outlive its warehouse."""

from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.gate.slices import Slice

_SENT = "('send', 'route', 'escalate')"


def write_effects(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, start: Slice, folder: Path
) -> None:
    """Write into `folder` what was decided after window `start`, what went out before, and whose.

    `decided.parquet`: one row a candidate, as last evaluated. `earlier.parquet`: one row a message.
    `persons.parquet`: one row an identifier.
    """
    folder.mkdir(parents=True, exist_ok=True)
    decisions, outbox = dbt.relation("decisions"), dbt.relation("outbox")
    _write(
        con,
        folder / "decided.parquet",
        f"""select d.candidate_id, d.entry_node_id as node_id, d.journey, d.correlation_key,
            d.action, d.channel, d.outcome, d.reason, d.decided_at, d.outcome in {_SENT} as is_sent
        from {decisions} as d where d.window_id > {start.window_id}
        qualify row_number() over (
            partition by d.candidate_id order by d.evaluation_no desc
        ) = 1""",
    )
    _write(
        con,
        folder / "earlier.parquet",
        f"""select o.entry_node_id as node_id, o.journey, o.correlation_key, o.action, o.channel
        from {outbox} as o where o.window_id <= {start.window_id}""",
    )
    _write(
        con,
        folder / "persons.parquet",
        f"select m.node_id, m.person_id from {dbt.relation('identity_map')} as m",
    )


def _write(con: duckdb.DuckDBPyConnection, file: Path, query: str) -> None:
    path = str(file).replace("'", "''")
    con.execute(f"copy ({query}) to '{path}' (format parquet)")
