"""One project built by dbt and by SQLMesh over the same rows, and what they left behind."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from store_run import StoreRun

from baton.gate.quick_lookups import answer_at_once
from baton.intake.window import commit_window, latest_window
from baton.journal import Journal
from baton.warehouse import reader, transaction, writer


@dataclass(frozen=True)
class Difference:
    """A model of which the two have rows that the other has not."""

    model: str
    only_dbt: int
    only_sqlmesh: int


class TwoBuilds:
    """`run` is built by dbt, a copy of its raw rows by SQLMesh, window after window."""

    def __init__(self, run: StoreRun, folder: Path) -> None:
        self.run = run
        self.warehouse = folder / run.project.warehouse.name
        self._folder = folder
        self._state = folder / "state.db"
        self._built = 0

    def take_in(self, at: datetime) -> None:
        """Load what has arrived; the window stays open for the two."""
        with Journal.open(self.run.project.journal) as journal:
            journal.set_simulated_time(at)
            self.run.batches.open_window(journal, now=at)
        self._hand_on()

    def build_by_dbt(self) -> None:
        """Build the open window as a batch does, and commit it."""
        with writer(self.run.project.warehouse) as con:
            window = latest_window(con)
            assert window is not None
            with transaction(con):
                self.run.batches.decide(con, self.run.dbt.checksum())
                commit_window(con, window, at=window.batch_time)

    def build_by_sqlmesh(self) -> None:
        """Build all models, or run those that are there already over what is new."""
        with _sqlmesh(self.run.root, self.warehouse, self._state) as context:
            now = datetime.now(UTC) + timedelta(days=self._built)
            if self._built == 0:
                context.plan(
                    "prod",
                    no_prompts=True,
                    auto_apply=True,
                    skip_tests=True,
                    skip_linter=True,
                    execution_time=now,
                )
            else:
                done = context.run("prod", ignore_cron=True, execution_time=now)
                assert done.is_success, failures_of(context)
        self._built += 1

    def differences(self) -> list[Difference]:
        """Return the models that differ, by name; all models are held against each other."""
        one = self._exported(self.run.project.warehouse, "dbt")
        other = self._exported(self.warehouse, "sqlmesh")
        with duckdb.connect() as con:
            found = [
                Difference(
                    name, _only(con, one / name, other / name), _only(con, other / name, one / name)
                )
                for name in sorted(file.name for file in one.iterdir())
            ]
        return [each for each in found if each.only_dbt or each.only_sqlmesh]

    def lose_a_row(self, schema: str, model: str) -> None:
        """Take a row away from what SQLMesh built."""
        with writer(self.warehouse) as con:
            row = con.execute(
                "select table_name from duckdb_tables() "
                "where schema_name = ? and table_name like ?",
                [f"sqlmesh__{schema}", f"{schema}__{model}__%"],
            ).fetchone()
            assert row is not None
            table = f'"sqlmesh__{schema}"."{row[0]}"'
            con.execute(f"delete from {table} where rowid = (select min(rowid) from {table})")

    def _hand_on(self) -> None:
        """Give the other file the raw rows of this one."""
        self.warehouse.parent.mkdir(parents=True, exist_ok=True)
        with writer(self.warehouse) as con:
            source = str(self.run.project.warehouse)
            con.execute(f"attach '{source}' as other (read_only)")
            con.execute("create schema if not exists raw")
            tables = con.execute(
                "select table_name from duckdb_tables() "
                "where database_name = 'other' and schema_name = 'raw'"
            ).fetchall()
            for (table,) in tables:
                con.execute(
                    f"create or replace table raw.{table} as select * from other.raw.{table}"
                )

    def _exported(self, warehouse: Path, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with reader(warehouse) as con:
            for node in self.run.dbt.manifest.nodes.values():
                if node.resource_type == "model":
                    relation = f'"{node.schema}"."{node.alias}"'
                    rows = f"select * from {relation}"
                    con.execute(f"copy ({rows}) to '{folder / node.name}' (format parquet)")
        return folder


def failures_of(context: Any) -> str:
    """What SQLMesh said of the models that it could not run."""
    return "\n".join(context.console.failures)


def _only(con: duckdb.DuckDBPyConnection, one: Path, other: Path) -> int:
    names = [row[0] for row in con.execute(f"describe from read_parquet('{one}')").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    row = con.execute(
        f"select count(*) from (select {columns} from read_parquet('{one}') except all "
        f"select {columns} from read_parquet('{other}'))"
    ).fetchone()
    return row[0] if row else 0


@contextmanager
def _sqlmesh(root: Path, warehouse: Path, state: Path) -> Iterator[Any]:
    from sqlmesh.core.config import DuckDBConnectionConfig, ModelDefaultsConfig  # noqa: PLC0415
    from sqlmesh.core.console import NoopConsole, set_console  # noqa: PLC0415
    from sqlmesh.core.context import Context  # noqa: PLC0415
    from sqlmesh.dbt.loader import sqlmesh_config  # noqa: PLC0415

    class Console(NoopConsole):
        failures: tuple[str, ...] = ()

        def log_failed_models(self, errors: list[Any]) -> None:
            self.failures = tuple(f"{each.node}: {each.__cause__}" for each in errors)

    console = Console()
    set_console(console)
    answer_at_once()
    folder = root / "dbt_project"
    shutil.copy(root / "profiles.yml", folder)
    before = dict(os.environ)
    os.environ |= {
        "BATON_WAREHOUSE": str(warehouse),
        "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
        "MAX_FORK_WORKERS": "1",
    }
    try:
        config = sqlmesh_config(
            folder,
            state_connection=DuckDBConnectionConfig(database=str(state)),
            variables={"under_sqlmesh": True},
            model_defaults=ModelDefaultsConfig(start="2 days ago"),
            cache_dir=str(state.parent / "cache"),
        )
        context = Context(paths=[str(folder)], config=config)
        try:
            yield context
        finally:
            context.close()
    finally:
        os.environ.clear()
        os.environ |= before
