"""Staging with packs switched on, over a warehouse in which loaders have written their tables.

Of what comes after staging there is what becomes of merges.
"""

import csv
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baton.dbt_runner import DbtProject
from baton.intake import Window, commit_window, prepare, sources_from_manifest, take_in
from baton.project import Project

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 1, 12)
Row = Mapping[str, object]
PACKS = ("hubspot", "intercom", "rudderstack", "salesforce", "segment", "snowplow", "zendesk")
UNIONS = (
    "stg_crm__contacts",
    "stg_consent__statements",
    "stg_web__events",
    "stg_chat__messages",
    "stg_service__cases",
    "stg_messaging__receipts",
    "stg_messaging__unsubscribes",
    "stg_observations",
    "stg_field_values",
)
LINKING = ("nodes", "int_identity__merges", "int_identity__overrides")


def staging_with(folder: Path, packs: Iterable[str], **given: object) -> Project:
    """A project with the repository's staging and these packs on; of identity it has `LINKING`."""
    target = folder / "dbt_project"
    for part in ("macros", "models/staging"):
        shutil.copytree(ROOT / "dbt_project" / part, target / part)
    identity = target / "models" / "identity"
    identity.mkdir()
    for name in LINKING:
        for kind in ("sql", "yml"):
            shutil.copy(ROOT / "dbt_project/models/identity" / f"{name}.{kind}", identity)
    shutil.copy(ROOT / "dbt_project/models/_groups.yml", target / "models")
    shutil.copy(ROOT / "profiles.yml", folder)
    settings = (ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8")
    variables = {"packs": list(packs), **given}
    lines = "".join(f"  {name}: {value!r}\n" for name, value in variables.items())
    (target / "dbt_project.yml").write_text(f"{settings}\nvars:\n{lines}", "utf-8")
    warehouse = folder / "warehouse.duckdb"
    return Project(folder, warehouse, folder / "journal.db", folder / "landing")


def shared_rows(name: str) -> list[dict[str, str | None]]:
    """Rows of `<shared>/data/source_schemas/<name>_data.csv`; skips the test where none are."""
    shared = Path(os.environ.get("BATON_SHARED") or ROOT.parent / "shared")
    folder = shared / "data" / "source_schemas"
    if not folder.is_dir():
        pytest.skip("no loader's tables here: set BATON_SHARED to the folder of `data`")
    pack, _, table = name.partition("/")
    prefix = "sf_" if pack == "salesforce" else ""
    path = folder / pack / f"{prefix}{table}_data.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def build_empty(project: Project, dbt: DbtProject) -> None:
    """Make the raw tables, and as views what packs give rows to and what is their own."""
    with duckdb.connect(str(project.warehouse)) as con:
        prepare(con, sources_from_manifest(dbt.source_nodes))
        dbt.build(con, select=["path:models/staging/packs", *UNIONS, "+int_identity__overrides"])


def write_table(
    con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row], without: Iterable[str] = ()
) -> None:
    """Make a loader's table anew, with the columns that the rows have and the rows."""
    names = [one for one in dict.fromkeys(k for row in rows for k in row) if one not in without]
    kinds = [_kind(next((r[n] for r in rows if r.get(n) is not None), None)) for n in names]
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(names, kinds, strict=True))
    schema, name = table.split(".")
    con.execute(f'create schema if not exists "{schema}"')
    con.execute(f'create or replace table "{schema}"."{name}" ({columns})')
    marks = ", ".join("?" for _ in names)
    values = [[row.get(one) for one in names] for row in rows]
    con.executemany(f'insert into "{schema}"."{name}" values ({marks})', values)


class PackYard:
    """A copy of a warehouse with staging as views: what loaders wrote, and windows over it."""

    def __init__(self, folder: Path, empty: Project, dbt: DbtProject) -> None:
        self.landing = folder / "landing"
        self.landing.mkdir(parents=True)
        self.con = duckdb.connect(str(shutil.copy(empty.warehouse, folder)))
        self.con.execute("set timezone = 'UTC'")
        self.sources = sources_from_manifest(dbt.source_nodes)
        self.dbt = dbt
        self.now = NOON

    def put(self, table: str, rows: Sequence[Row], without: Iterable[str] = ()) -> None:
        """Have a loader write rows into its table."""
        write_table(self.con, table, rows, without)

    def take(self) -> Window:
        """Take in what is new, an hour after the last time."""
        self.now += timedelta(hours=1)
        window = take_in(
            self.con, landing=self.landing, sources=self.sources, feeds=(), now=self.now
        )
        commit_window(self.con, window, at=self.now)
        return window

    def link(self, *, full_refresh: bool = False) -> dict[frozenset[str], tuple[str, str]]:
        """Build what is decided about pairs; return kind and origin by the values of the ends."""
        self.dbt.build(self.con, select=LINKING, full_refresh=full_refresh)
        rows = self.ask(
            "select a.node_value, b.node_value, o.kind, o.decided_by "
            "from identity.int_identity__overrides as o "
            "inner join identity.nodes as a on o.low_seq = a.node_seq "
            "inner join identity.nodes as b on o.high_seq = b.node_seq"
        )
        return {frozenset((low, high)): (kind, by) for low, high, kind, by in rows}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        [(value,)] = self.ask(sql)
        return value

    def seen_together(self, record: str = "true") -> set[frozenset[str]]:
        """The identifiers of each observed record, as `<type> <value>`."""
        rows = self.ask(
            "select list(distinct node_type || ' ' || node_value) from staging.stg_observations "
            f"where {record} group by record_id, hub_node_id"
        )
        return {frozenset(identifiers) for (identifiers,) in rows}

    def close(self) -> None:
        self.con.close()


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "bigint", float: "double", datetime: "timestamp"}
    return kinds.get(type(value), "varchar")
