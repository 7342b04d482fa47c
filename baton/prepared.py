"""Statements that one connection plans once and executes again and again.

The engine keeps a plan as long as no table it reads or writes changes its shape. Where one does,
it plans the statement at every execution: right, but slow, so forget and begin anew.
"""

import itertools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

import duckdb

_BY_CONTENT = "statistics_propagation,compressed_materialization,row_group_pruner"
"""What draws conclusions from the rows that are there when a statement is planned: that nothing is
beyond the greatest value, or that numbers fit into fewer bits. A plan that is kept outlives them;
the engine would not notice, and leave out rows."""

_numbers = itertools.count()


class Executes(Protocol):
    """What executes a statement: a connection, or one that keeps plans."""

    def execute(self, query: str, parameters: Any = None, /) -> duckdb.DuckDBPyConnection:
        """Execute it; rows are to be fetched from what is returned."""
        ...


class Prepared:
    """Executes on `con`, keeping the plan of each text that comes without parameters.

    `worded` puts a text into the words in which it is planned.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, worded: Callable[[str], str] = lambda text: text
    ) -> None:
        self._con = con
        self._worded = worded
        self._names: dict[str, str] = {}

    def is_of(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Whether it executes on that connection."""
        return self._con is con

    def execute(self, query: str, parameters: Any = None, /) -> duckdb.DuckDBPyConnection:
        """Execute one statement, planned now if not before. Raises what the engine raises."""
        if parameters is not None:
            return self._con.execute(query, parameters)
        name = self._names.get(query)
        if name is None:
            name = f"baton_prepared_{next(_numbers)}"
            with _planning_for_good(self._con):
                self._con.execute(f"prepare {name} as {self._worded(query)}")
            self._names[query] = name
        return self._con.execute(f"execute {name}")

    def forget(self) -> None:
        """Have every statement planned anew when it comes next."""
        for name in self._names.values():
            self._con.execute(f"deallocate {name}")
        self._names.clear()


@contextmanager
def _planning_for_good(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    con.execute(f"set disabled_optimizers = '{_BY_CONTENT}'")
    try:
        yield
    finally:
        con.execute("reset disabled_optimizers")
