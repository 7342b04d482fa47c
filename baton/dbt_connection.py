"""dbt on a connection that somebody else opened, inside that caller's transaction."""

import contextlib
import time
from collections.abc import Callable, Generator
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.environments.local import LocalEnvironment

Observer = Callable[[str, Any], None]
_TRANSACTION_WORDS = {"BEGIN", "COMMIT", "ROLLBACK"}


class _SharedCursor:
    """A cursor of the caller's connection; dbt's transaction words do nothing on it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, around: "SharedEnvironment") -> None:
        self._con = con
        self._around = around

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def execute(self, sql: str, bindings: Any = None) -> Any:
        if sql.strip().rstrip(";").upper() in _TRANSACTION_WORDS:
            return self
        if self._around.observe is not None:
            self._around.observe(sql, bindings)
        since = time.perf_counter()
        try:
            return self._con.execute(sql, bindings)
        finally:
            self._around.seconds += time.perf_counter() - since

    def close(self) -> None:
        """Leave the connection open: it is the caller's."""


class _SharedHandle:
    """What dbt takes for a connection of its own."""

    def __init__(self, con: duckdb.DuckDBPyConnection, around: "SharedEnvironment") -> None:
        self._cursor = _SharedCursor(con, around)

    def cursor(self) -> _SharedCursor:
        return self._cursor

    def close(self) -> None:
        """Leave the connection open: it is the caller's."""

    def rollback(self) -> None:
        """Leave the transaction to the caller, who rolls back all of it."""


class _AnyCredentials:
    """Equal to the credentials of whatever profile dbt has loaded."""

    path = ""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class SharedEnvironment(LocalEnvironment):
    """A dbt-duckdb environment over a connection that somebody else opened."""

    def __init__(self, con: duckdb.DuckDBPyConnection, observe: Observer | None) -> None:
        self._creds = _AnyCredentials()  # pyright: ignore[reportAttributeAccessIssue]
        self._con = con
        self.observe = observe
        self.seconds = 0.0

    def handle(self) -> Any:
        return _SharedHandle(self._con, self)

    def close(self) -> None:
        """Leave the connection open: it is the caller's."""


@contextlib.contextmanager
def shared(
    con: duckdb.DuckDBPyConnection, observe: Observer | None = None
) -> Generator[SharedEnvironment]:
    """Make dbt work on `con`, in the caller's transaction; `observe` is told each statement."""
    manager = DuckDBConnectionManager
    environment = SharedEnvironment(con, observe)
    manager._ENV = environment  # pyright: ignore[reportPrivateUsage]
    try:
        yield environment
    finally:
        manager._ENV = None  # pyright: ignore[reportPrivateUsage]
