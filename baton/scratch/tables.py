"""The given tables on their connection: made from contracts, filled from Arrow tables by name."""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from baton.intake.arrow import Table
from baton.intake.sql import ident, idents, scalar, text
from baton.scratch.shape import Shape

Staged = Mapping[str, Table]
_NOTHING: Staged = {}


class Tables:
    """What stands upstream of the fold, on `con`, and the numbers that its rows get."""

    def __init__(self, con: duckdb.DuckDBPyConnection, shape: Shape) -> None:
        self.con = con
        self.shape = shape
        self.last_seq = 0

    def create(self) -> None:
        """Make every given table, empty, where it is not there yet."""
        for given in self.shape.given.values():
            columns = ", ".join(f"{ident(name)} {kind}" for name, kind in given.columns.items())
            self.con.execute(f"create schema if not exists {ident(given.schema)}")
            self.con.execute(f"create table if not exists {given.relation} ({columns})")
        self.con.execute("create temp table touched_now (node_id varchar, person_id varchar)")

    def relation(self, name: str) -> str:
        """Return schema and table that stand for the model `name`."""
        return self.shape.given[name].relation

    def largest(self, column: str, relation: str) -> int:
        """Return the largest number in a column, 0 where there is none."""
        return scalar(self.con, f"select max(t.{ident(column)}) from {relation} as t")

    def run(self, sql: str, staged: Staged = _NOTHING) -> None:
        """Run a statement that may read the staged tables by name."""
        for name, table in staged.items():
            self.con.register(name, table)
        self.con.execute(sql)
        for name in staged:
            self.con.unregister(name)

    def insert(
        self, relation: str, values: Mapping[str, str], rows: str, staged: Staged = _NOTHING
    ) -> None:
        """Insert columns by name, each an SQL expression over `rows`."""
        select = ", ".join(values.values())
        self.run(f"insert into {relation} ({idents(values)}) select {select} from {rows}", staged)

    def give(
        self, name: str, values: Mapping[str, str], rows: str, staged: Staged = _NOTHING
    ) -> None:
        """Insert into the table that stands for `name`; what its contract lacks is left out."""
        given = self.shape.given.get(name)
        if given is not None:
            fitting = {one: value for one, value in values.items() if one in given.columns}
            self.insert(given.relation, fitting, rows, staged)

    def touch(self, select: str, staged: Staged = _NOTHING) -> None:
        """Note nodes and persons that the window touches; `select` yields both columns."""
        self.run(f"insert into touched_now {select}", staged)


def id_sql(kind: str, *parts: str) -> str:
    """Return the SQL of `make_id` over expressions that are text or integers."""
    joined = "".join(f" || chr(31) || coalesce(cast({one} as varchar), chr(30))" for one in parts)
    return f"md5({text(kind)}{joined})"


def short_sql(expression: str) -> str:
    """Return the SQL of `short_id`."""
    return f"cast('0x' || substr(md5({expression}), 1, 15) as bigint)"


def time_sql(at: datetime) -> str:
    """Return a time as a literal."""
    return f"timestamp {text(at.isoformat(sep=' '))}"
