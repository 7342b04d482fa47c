"""Changing ledgers behind Baton's back, and what an audit says of it."""

import random
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from baton.audit.findings import Finding
from baton.audit.ledgers import Ledger, warehouse_ledgers
from baton.audit.verifying import Verified, verify
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.warehouse import writer

WAYS = ("changed", "swapped", "removed", "added")


@dataclass(frozen=True)
class Stores:
    """A copy of a day's stores that may be tampered with."""

    con: duckdb.DuckDBPyConnection
    journal_file: Path
    dbt: DbtProject

    def verify(self, kept: str | None = None) -> Verified:
        """Verify the ledgers as they are now."""
        with Journal.open(self.journal_file) as journal:
            return verify(self.con, journal, self.dbt, kept=kept)

    def ledgers(self) -> list[Ledger]:
        """Ledgers of the warehouse that have rows."""
        return [
            one
            for one in warehouse_ledgers(self.con, self.dbt)
            if self.con.execute(f"select 1 from {one.relation} as t limit 1").fetchone()
        ]

    @contextmanager
    def undone(self) -> Generator[None]:
        """Take back what happens inside."""
        self.con.execute("begin transaction")
        try:
            yield
        finally:
            self.con.execute("rollback")


@contextmanager
def opened(folder: Path, dbt: DbtProject) -> Generator[Stores]:
    """Open the stores in a folder."""
    with writer(folder / "baton.duckdb") as con:
        yield Stores(con, folder / "baton.journal.db", dbt)


def copied(stores: Path, folder: Path) -> Path:
    """Copy stores."""
    return Path(shutil.copytree(stores, folder))


def tamper(stores: Stores, one: Ledger, way: str, column: str, chance: random.Random) -> bool:
    """Change a random row of a ledger in a way; false where that way leads nowhere."""
    table = f"raw.{one.name.removeprefix('raw.')}" if "." in one.name else one.relation
    con = stores.con
    rowids = [row[0] for row in con.execute(f"select rowid from {table} order by 1").fetchall()]
    row = chance.choice(rowids)
    if way == "removed":
        con.execute(f"delete from {table} where rowid = {row}")
        return True
    if way == "added":
        con.execute(f"insert into {table} select * from {table} where rowid = {row}")
        return True
    before = con.execute(f"select * from {table} order by rowid").fetchall()
    if way == "swapped":
        other = chance.choice(rowids)
        con.execute(
            f"""update {table} as t set "{column}" = s.value from (
                select a.rowid as place, b."{column}" as value from {table} as a, {table} as b
                where a.rowid in ({row}, {other}) and b.rowid in ({row}, {other})
                    and (a.rowid <> b.rowid or {row} = {other})
            ) as s where t.rowid = s.place"""
        )
    else:
        con.execute(f'update {table} set "{column}" = {another(con, table, column, row)} '
                    f"where rowid = {row}")  # fmt: skip
    after = con.execute(f"select * from {table} order by rowid").fetchall()
    return sorted(map(repr, before)) != sorted(map(repr, after))


def another(con: duckdb.DuckDBPyConnection, table: str, column: str, row: int) -> str:
    """SQL of a value that the column does not have in that row."""
    found = con.execute(f'select "{column}", typeof("{column}") from {table} where rowid = {row}')
    value, data_type = found.fetchall()[0]
    if value is None:
        made = {"VARCHAR": "'x'", "TIMESTAMP": "timestamp '2001-01-01'", "BOOLEAN": "true"}
        return made.get(data_type, "'{}'" if data_type == "JSON" else "1")
    if data_type == "VARCHAR":
        return f"\"{column}\" || 'x'"
    if data_type == "TIMESTAMP":
        return f'"{column}" + interval 1 microsecond'
    if data_type == "BOOLEAN":
        return f'not "{column}"'
    return "null" if data_type == "JSON" else f'"{column}" + 1'


def ledgers_of(findings: Sequence[Finding]) -> set[str]:
    """The names of what was found."""
    return {one.ledger for one in findings}
