"""The identity models as SQL: what dbt says in a first, a later and a whole build, noted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.hot_path import Recording
from baton.intake import Source, prepare, sources_from_manifest

_ALL = "+path:models/identity"
_STORED = [f"path:models/identity,config.materialized:{kind}" for kind in ("incremental", "table")]
_EXCLUDE = ["+stg_observations", "touched_persons", "stg_messaging__receipts"]
_OBSERVATIONS = """
create schema staging;
create schema identity;
create table staging.stg_observations (
    record_id varchar, source_model varchar, node_type varchar, node_value varchar,
    node_id varchar, hub_node_id varchar, observed_at timestamp, loaded_seq bigint
);
"""
_WINDOW = """
insert into raw.this_window (window_id, batch_time, from_seq, to_seq)
values (1, timestamp '2026-01-01', 0, 0)
"""


@dataclass(frozen=True)
class Recorded:
    """Statements of the builds over a database called `catalog`; `first` makes what there is."""

    catalog: str
    sources: tuple[Source, ...]
    first: tuple[str, ...]
    later: tuple[str, ...]
    whole: tuple[str, ...]

    def changed(self, change: Callable[[str], str]) -> "Recorded":
        """The same with each statement changed."""
        first, later, whole = (
            tuple(map(change, some)) for some in (self.first, self.later, self.whole)
        )
        return replace(self, first=first, later=later, whole=whole)


def record(dbt: DbtProject, warehouse: Path) -> Recorded:
    """Let dbt build the identity models in an empty warehouse, called as the project's is."""
    with duckdb.connect(str(warehouse)) as con:
        sources = tuple(sources_from_manifest(dbt.source_nodes))
        prepare_tables(con, sources)
        con.execute(_WINDOW)
        return Recorded(
            warehouse.stem,
            sources,
            _said(con, dbt, [_ALL]),
            _said(con, dbt, _STORED),
            _said(con, dbt, _STORED, full_refresh=True),
        )


def prepare_tables(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Make the raw tables, a place for the models, and a table for the view of observations."""
    prepare(con, sources)
    con.execute(_OBSERVATIONS)


def _said(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    select: Sequence[str],
    *,
    full_refresh: bool = False,
) -> tuple[str, ...]:
    recording = Recording()
    dbt.build(con, select=select, exclude=_EXCLUDE, full_refresh=full_refresh, observe=recording)
    assert recording.refused is None, recording.refused
    return tuple(one.sql for one in recording.statements)
