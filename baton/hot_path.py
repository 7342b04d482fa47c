"""The hot models of a batch: built by dbt (*plain*), or by the statements dbt has said (*plan*).

dbt spends most of a small batch on asking and rendering. Its statements are the same in every
batch: what differs are rows. Once two plain builds in a row have said the same, the plan says it
again, in the caller's transaction; the tables come out equal, see docs/decisions/0017.
"""

import json
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject, NodeTiming
from baton.warehouse import Digests, digests

_COMMENT = re.compile(r"\A\s*/\*\s*(?P<facts>\{.*?\})\s*\*/\s*", re.DOTALL)
_TEMPORARY = re.compile(r"(?<=__dbt_tmp)\d{20}")
_CREATES_TEMPORARY = re.compile(r"\Acreate temporary table", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_READS = frozenset({"select", "describe", "show", "with"})
_SHAPE = """
    select md5(string_agg(c.told, chr(30) order by c.told))
    from (
        select concat_ws(chr(31), schema_name, table_name, column_index, column_name, data_type)
            as told
        from duckdb_columns() where database_name = current_database() and not internal
        union all
        select concat_ws(chr(31), schema_name, view_name)
        from duckdb_views() where database_name = current_database() and not internal
    ) as c
"""


@dataclass(frozen=True)
class Statement:
    """One statement of a build, and the model it belongs to."""

    model: str
    sql: str


class Recording:
    """The statements of one plain build that change something; `refused` says why none of use."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.refused: str | None = None

    def __call__(self, sql: str, bindings: Any) -> None:
        """Note one statement as dbt sends it."""
        found = _COMMENT.match(sql)
        text = sql[found.end() :] if found else sql
        first = text.split(maxsplit=1)[0].lower()
        if first in _READS and not (first == "with" and _WRITES.search(text)):
            return
        node = json.loads(found["facts"]).get("node_id", "") if found else ""
        model = str(node).rpartition(".")[2]
        if bindings is not None:
            self.refused = f"{model or 'dbt'} sends a statement with parameters"
        self.statements.append(Statement(model, _repeatable(text)))


class HotPath:
    """Builds the hot models that `select` names."""

    def __init__(self, dbt: DbtProject, select: Sequence[str], *, is_plain: bool = False) -> None:
        self._dbt = dbt
        self._select = select
        self._is_plain = is_plain
        self._key: tuple[str, str] | None = None
        self._said: tuple[Statement, ...] = ()
        self._plan: tuple[Statement, ...] = ()
        self.refused: str | None = None
        """Why there will be no plan for this project and these tables, null while there may."""
        self.fell_back: str | None = None
        """Why the last plan was given up, null when none was."""

    @property
    def has_plan(self) -> bool:
        """Whether the next build of the same project and tables goes by plan."""
        return bool(self._plan)

    def build(self, con: duckdb.DuckDBPyConnection, checksum: str) -> list[NodeTiming]:
        """Build in the transaction that `con` is in.

        `checksum` is of the project's text; with the tables and their columns it is the key of
        the plan. An error of a replayed statement passes through: see `or_plain`.
        """
        if self._is_plain:
            return self._dbt.build(con, select=self._select)
        key = checksum, _shape(con)
        if key != self._key:
            self._plan, self._said, self._key, self.refused = (), (), key, None
        return self._replay(con) if self._plan else self._record(con)

    def rehearse(self, con: duckdb.DuckDBPyConnection, checksum: str) -> Digests | None:
        """Build by plan, note what the tables hold then, and undo it all; null without a plan."""
        con.execute("begin transaction")
        try:
            if not self._plan or self._key != (checksum, _shape(con)):
                return None
            self._replay(con)
            return digests(con)
        finally:
            con.execute("rollback")

    @contextmanager
    def plainly(self) -> Generator[None]:
        """Let dbt build, whether there is a plan or not."""
        before, self._is_plain = self._is_plain, True
        try:
            yield
        finally:
            self._is_plain = before

    def judge(self, rehearsed: Digests, built: Digests) -> list[str]:
        """Return the tables that the plan left unlike dbt; with any of them there is no plan."""
        differing = sorted(name for name, found in built.items() if rehearsed.get(name) != found)
        if differing:
            self._plan = ()
            self.refused = f"the plan left other rows than dbt in {', '.join(differing)}"
        return differing

    def give_up(self, why: str) -> None:
        """Drop the plan; the next builds are plain, until two have said the same again."""
        self._plan, self._said, self.fell_back = (), (), why

    def _record(self, con: duckdb.DuckDBPyConnection) -> list[NodeTiming]:
        if self.refused is not None:
            return self._dbt.build(con, select=self._select)
        recording = Recording()
        nodes = self._dbt.build(con, select=self._select, observe=recording)
        self.refused = recording.refused or self._dbt.not_repeatable(node.name for node in nodes)
        said, before = tuple(recording.statements), self._said
        self._said = said
        if self.refused is None and before:
            if said == before:
                self._plan = said
            else:
                self.refused = f"{_first_difference(before, said)} says another thing each time"
        return nodes

    def _replay(self, con: duckdb.DuckDBPyConnection) -> list[NodeTiming]:
        seconds: dict[str, float] = {}
        for statement in self._plan:
            since = time.perf_counter()
            con.execute(statement.sql)
            spent = time.perf_counter() - since
            seconds[statement.model] = seconds.get(statement.model, 0.0) + spent
        self._dbt.sql_seconds = sum(seconds.values())
        return [NodeTiming(model, spent) for model, spent in seconds.items() if model]


def _shape(con: duckdb.DuckDBPyConnection) -> str:
    """A hash of all tables with their columns, and of the names of views."""
    row = con.execute(_SHAPE).fetchone()
    return str(row[0]) if row else ""


def or_plain(hot: HotPath, work: Callable[[], list[NodeTiming]]) -> list[NodeTiming]:
    """Do the work; where a plan fails in it, do it once more without.

    `work` is one transaction. Raises what a plain build raises.
    """
    had_plan = hot.has_plan
    try:
        return work()
    except duckdb.Error as error:
        if not had_plan:
            raise
        hot.give_up(f"a recorded statement failed: {type(error).__name__}")
        return work()


def _repeatable(sql: str) -> str:
    """The text under names that stay: dbt's temporary tables are called by the clock."""
    text = _TEMPORARY.sub("_of_plan", sql)
    return _CREATES_TEMPORARY.sub("create or replace temporary table", text)


def _first_difference(one: Sequence[Statement], other: Sequence[Statement]) -> str:
    for left, right in zip(one, other, strict=False):
        if left != right:
            return left.model or right.model or "dbt"
    longer = one if len(one) > len(other) else other
    return longer[min(len(one), len(other))].model or "dbt"
