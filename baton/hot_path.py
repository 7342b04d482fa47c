"""The hot models of a batch: built by dbt (*plain*), or by the statements dbt has said (*plan*).

dbt spends most of a small batch on asking and rendering. Its statements are the same in every
batch: what differs are rows. Once two plain builds in a row have said the same, the plan says it
again, in the caller's transaction; the tables come out equal, see docs/decisions/0017. What was
said is kept in the warehouse for processes that come later, see docs/decisions/0041.
"""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress

import duckdb

from baton import kept_statements
from baton.at_hand import AtHand
from baton.dbt_runner import DbtProject, NodeTiming
from baton.ids import make_id
from baton.prepared import Executes, Prepared
from baton.recorded import Plan, Recording, Statement, in_place, noted_as
from baton.warehouse import Digests, digests

_KEEPS_A_PLAN = ("insert", "delete", "update")
_LONG = 10_000_000
"""Rows of one table from which on scans are most of a small batch."""
_LONGEST = """
    select max(estimated_size) from duckdb_tables() where database_name = current_database()
"""
_SHAPE = """
    select count(*) || ' ' || sum(hash(c)::hugeint)
    from (
        select schema_name, table_name, column_index, column_name, data_type
        from duckdb_columns() where database_name = current_database() and not internal
        union all
        select schema_name, view_name, null, null, null
        from duckdb_views() where database_name = current_database() and not internal
    ) as c
"""


class HotPath:
    """Builds the hot models that `select` names."""

    def __init__(
        self,
        dbt: DbtProject,
        select: Sequence[str],
        *,
        is_plain: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._dbt = dbt
        self._clock = clock
        self._select = select
        self._is_plain = is_plain
        self._key: tuple[str, str] | None = None
        self._said: tuple[Statement, ...] = ()
        self._left: tuple[Statement, ...] = ()  # said once, by a process that has ended
        self._plan: Plan | None = None
        self._prepared: Prepared | None = None
        self._at_hand: AtHand | None = None
        self._shared: tuple[duckdb.DuckDBPyConnection, bool] | None = None
        self._shape: tuple[duckdb.DuckDBPyConnection, str] | None = None
        self._has_long_tables = False
        self.went_by_plan = False
        """Whether the last build did."""
        self.refused: str | None = None
        """Why there will be no plan for this project and these tables, null while there may."""
        self.fell_back: str | None = None
        """Why the last plan was given up, null when none was."""

    @property
    def has_plan(self) -> bool:
        """Whether the next build of the same project and tables goes by plan."""
        return self._plan is not None

    def goes_by_plan(self, con: duckdb.DuckDBPyConnection, checksum: str) -> bool:
        """Whether the next build of this text, on the tables that `con` has, goes by plan."""
        return self._plan is not None and self._key == (checksum, self._shape_on(con))

    def executing(self, con: duckdb.DuckDBPyConnection) -> Executes:
        """What to execute on `con` with: it keeps plans while builds go by plan."""
        kept = self._prepared
        return kept if kept is not None and kept.is_of(con) else con

    def prepare(
        self, con: duckdb.DuckDBPyConnection, checksum: str, *, is_large: bool = False
    ) -> None:
        """Make `con` ready for builds by plan, where there is one; outside of a transaction.

        `checksum` is as in `build`: the first time, what was kept for it is looked up.
        """
        self.went_by_plan = False
        if self._key is None and not self._is_plain:
            self._recall(con, checksum)
        if self._plan is not None and self.executing(con) is con:
            self._has_long_tables = _longest(con) >= _LONG
        is_small = not (is_large or self._has_long_tables)
        self._share(con, is_alone=self._plan is not None and is_small)
        if self._plan is None:
            return
        if self.executing(con) is con:
            for table in self._plan.scratch:
                con.execute(table)
            self._at_hand = AtHand(con, self._dbt.views, lambda names: self._texts(con, names))
            self._prepared = Prepared(con, self._at_hand.instead)
        if self._at_hand is not None:
            self._at_hand.refresh(self.executing(con))

    def _recall(self, con: duckdb.DuckDBPyConnection, checksum: str) -> None:
        """Take up what another process has left, where it is of the same."""
        kept_statements.ensure(con)
        self._key = checksum, self._shape_on(con)
        once, twice = self._kept_under(con)
        self._left = kept_statements.kept(con, once)
        said = kept_statements.kept(con, twice)
        if not said:
            return
        try:
            self._said, self._plan = said, in_place(con, said)
        except duckdb.Error as error:
            self.give_up(_failed(error))

    def _texts(self, con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> Mapping[str, str]:
        """What views of these names select: kept with the plan, so that dbt is asked once."""
        _, key = self._kept_under(con)
        texts = kept_statements.kept_views(con, key)
        if not texts:
            texts = self._dbt.texts(con, names)
            kept_statements.keep_views(con, key, texts)
        return texts

    def _kept_under(self, con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
        """The keys of what was said once and of what was said twice: hashes of all that decides
        what dbt says in a build, and how it is noted."""
        name = con.execute("select current_database()").fetchall()[0][0]
        checksum = self._key[0] if self._key else ""
        parts = checksum, self._shape_on(con), str(name), self._dbt.circumstances(), noted_as()
        key = make_id("statements", *parts, *self._select)
        return make_id("once", key), key

    def _share(self, con: duckdb.DuckDBPyConnection, *, is_alone: bool) -> None:
        """Have small batches go on one thread, unless tables are so long that threads share scans.

        To hand pieces of so little work from thread to thread costs a third more than the work;
        to change the number of threads costs 20 ms, so it stays until a batch wants it otherwise.
        """
        if self._shared != (con, is_alone):
            con.execute("set threads = 1" if is_alone else "reset threads")
            self._shared = con, is_alone

    def plan_anew(self, con: duckdb.DuckDBPyConnection) -> None:
        """Have the engine plan all statements on `con` once more: after a checkpoint, sizes differ,
        and after dbt has made a table, no plan is of use."""
        self._shape = None
        if self._prepared is not None and self._prepared.is_of(con):
            self._prepared.forget()

    def build(
        self, con: duckdb.DuckDBPyConnection, checksum: str, *, is_large: bool = False
    ) -> list[NodeTiming]:
        """Build in the transaction that `con` is in; `con` is prepared.

        `checksum` is of the project's text; with the tables and their columns it is the key of
        the plan. The plan of the engine for small windows is not used for one that `is_large`.
        An error of a replayed statement passes through: see `or_plain`.
        """
        self.went_by_plan = False
        if self._is_plain:
            return self._build(con)
        key = checksum, self._shape_on(con)
        if key != self._key:
            self._plan, self._said, self._key, self.refused = None, (), key, None
            self._left = ()
        if self._plan is None:
            return self._record(con)
        return self._replay(con, self._plan, con if is_large else self.executing(con))

    def rehearse(self, con: duckdb.DuckDBPyConnection, checksum: str) -> Digests | None:
        """Build by plan, note what the tables hold then, and undo it all.

        Null without a plan, and where it fails: then it is given up.
        """
        self.prepare(con, checksum)
        con.execute("begin transaction")
        try:
            if self._plan is None or not self.goes_by_plan(con, checksum):
                return None
            self._replay(con, self._plan, self.executing(con))
            return digests(con)
        except duckdb.Error as error:
            self.give_up(_failed(error))
            return None
        finally:
            con.execute("rollback")

    @contextmanager
    def healing(self, con: duckdb.DuckDBPyConnection) -> Generator[None]:
        """Keep no plan that something failed beside: the process that comes next asks dbt."""
        try:
            yield
        except duckdb.Error:
            if self._plan is not None:
                with suppress(duckdb.Error):
                    kept_statements.forget(con)
            raise

    @contextmanager
    def plainly(self) -> Generator[None]:
        """Let dbt build, whether there is a plan or not."""
        before, self._is_plain = self._is_plain, True
        try:
            yield
        finally:
            self._is_plain = before

    def judge(self, con: duckdb.DuckDBPyConnection, rehearsed: Digests) -> list[str]:
        """Return the tables that the plan left unlike what dbt built; with any there is no plan."""
        built = digests(con)
        differing = sorted(name for name, found in built.items() if rehearsed.get(name) != found)
        if differing:
            self._plan = None
            self.refused = f"the plan left other rows than dbt in {', '.join(differing)}"
        else:
            kept_statements.keep(con, self._kept_under(con)[1], self._said)
        return differing

    def forget(self, con: duckdb.DuckDBPyConnection) -> None:
        """Drop a plan of another text, and what is kept; in the caller's transaction."""
        kept_statements.forget(con)
        if self._plan is not None:
            self.give_up("the project's text is another")

    def give_up(self, why: str) -> None:
        """Drop the plan; the next builds are plain, until two have said the same again."""
        self._plan, self._prepared, self._said, self.fell_back = None, None, (), why
        self._left = ()

    def _shape_on(self, con: duckdb.DuckDBPyConnection) -> str:
        """The shape of the warehouse. Nobody but dbt changes it while `con` holds it: to ask the
        catalog costs as much as a model."""
        if self._shape is None or self._shape[0] is not con:
            self._shape = con, _shape(con)
        return self._shape[1]

    def _build(
        self, con: duckdb.DuckDBPyConnection, recording: Recording | None = None
    ) -> list[NodeTiming]:
        kept_statements.forget(con)  # until what is kept is heard, or seen to be equal, again
        try:
            return self._dbt.build(con, select=self._select, observe=recording)
        finally:
            self.plan_anew(con)

    def _record(self, con: duckdb.DuckDBPyConnection) -> list[NodeTiming]:
        if self.refused is not None:
            return self._build(con)
        recording = Recording()
        nodes = self._build(con, recording)
        self.refused = recording.refused or self._dbt.not_repeatable(node.name for node in nodes)
        said, before = tuple(recording.statements), self._said
        self._said = said
        if self.refused is not None:
            return nodes
        once, twice = self._kept_under(con)
        if said in (before, self._left):
            self._plan = in_place(con, said)
            kept_statements.keep(con, twice, said)
        elif before:
            self.refused = f"{_first_difference(before, said)} says another thing each time"
        else:
            kept_statements.keep(con, once, said)
        return nodes

    def _replay(
        self, con: duckdb.DuckDBPyConnection, plan: Plan, prepared: Executes
    ) -> list[NodeTiming]:
        seconds: dict[str, float] = {}
        empty: set[str] = set()
        for statement in plan.statements:
            model, sql = statement.model, statement.sql
            if statement.needs in empty:
                continue
            since = self._clock()
            done = (prepared if sql.startswith(_KEEPS_A_PLAN) else con).execute(sql)
            if statement.fills is not None and done.fetchall() == [(0,)]:
                empty.add(statement.fills)
            seconds[model] = seconds.get(model, 0.0) + self._clock() - since
        self._dbt.sql_seconds = sum(seconds.values())
        self.went_by_plan = True
        return [NodeTiming(model, spent) for model, spent in seconds.items() if model]


def _longest(con: duckdb.DuckDBPyConnection) -> int:
    """Rows of the longest table."""
    row = con.execute(_LONGEST).fetchone()
    return int(row[0] or 0) if row else 0


def _shape(con: duckdb.DuckDBPyConnection) -> str:
    """A hash of all tables with their columns, and of the names of views."""
    row = con.execute(_SHAPE).fetchone()
    return str(row[0]) if row else ""


def or_plain(hot: HotPath, work: Callable[[], list[NodeTiming]]) -> list[NodeTiming]:
    """Do the work; where a plan fails in it, do it once more without.

    `work` is one transaction. Raises what a plain build raises, and what a commit does: the engine
    may not go on after one that failed for lack of memory, until the file is opened anew.
    """
    had_plan = hot.has_plan
    try:
        return work()
    except duckdb.Error as error:
        is_of_commit = isinstance(error, duckdb.TransactionException)
        if is_of_commit or not (had_plan or hot.has_plan):
            raise
        hot.give_up(_failed(error))
        return work()


def _failed(error: duckdb.Error) -> str:
    return f"a recorded statement failed: {type(error).__name__}"


def _first_difference(one: Sequence[Statement], other: Sequence[Statement]) -> str:
    for left, right in zip(one, other, strict=False):
        if left != right:
            return left.model or right.model or "dbt"
    longer = one if len(one) > len(other) else other
    return longer[min(len(one), len(other))].model or "dbt"
