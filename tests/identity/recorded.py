"""The identity models as SQL: what dbt says in a first, a later and a whole build, noted once."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.hot_path import Recording
from baton.intake import prepare, sources_from_manifest
from baton.project import Project

CATALOG = "graph"
_SELECT = ["+path:models/identity"]
_EXCLUDE = ["+stg_observations", "touched_persons", "+touched_persons,path:models/staging/messaging"]
_OBSERVATIONS = """
create schema staging;
create table staging.stg_observations (
    record_id varchar, source_model varchar, node_type varchar, node_value varchar,
    node_id varchar, hub_node_id varchar, observed_at timestamp, loaded_seq bigint
);
"""
_WINDOW = """
delete from raw.this_window;
insert into raw.this_window (window_id, batch_time, from_seq, to_seq)
values (1, timestamp '2026-01-01', 0, 0)
"""


@dataclass(frozen=True)
class Recorded:
    """Statements of the builds; `first` makes the tables and views."""

    first: tuple[str, ...]
    later: tuple[str, ...]
    whole: tuple[str, ...]


def record(dbt_project: Path, folder: Path) -> Recorded:
    """Let dbt build the identity models of a project in a warehouse in `folder`."""
    root = dbt_project.parent
    project = Project(root, folder / f"{CATALOG}.duckdb", folder / "journal.db", folder)
    dbt = DbtProject(project)
    with duckdb.connect(str(project.warehouse)) as con:
        prepare_tables(con, dbt)
        con.execute(_WINDOW)
        return Recorded(
            _said(con, dbt), _said(con, dbt), _said(con, dbt, full_refresh=True)
        )


def prepare_tables(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> None:
    """Make the raw tables, and a table in place of the view of observations."""
    prepare(con, sources_from_manifest(dbt.source_nodes))
    con.execute(_OBSERVATIONS)


def _said(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, *, full_refresh: bool = False
) -> tuple[str, ...]:
    recording = Recording()
    dbt.build(
        con, select=_SELECT, exclude=_EXCLUDE, full_refresh=full_refresh, observe=recording
    )
    assert recording.refused is None, recording.refused
    return tuple(one.sql for one in recording.statements)
