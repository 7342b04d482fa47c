"""The warehouse file: one writer at a time, all or nothing."""

import fcntl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from baton.errors import BatonError, Busy, UsageError

_ROWS_PER_GROUP = 16_384
_KEYS_PER_FILTER = 20_000
_TAKEN_NAMES = {"main", "memory", "system", "temp"}
_BUSY_MEND = (
    "wait for the other command to end, or close the tool that has the file open; then call again"
)


@contextmanager
def writer(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing, alone.

    Raises `Busy` when another process holds the file or the writer's lock beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path), _connection(path, read_only=False) as con:
        yield con


@contextmanager
def reader(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading.

    Raises `Busy` when a batch holds the file, `BatonError` when there is none yet.
    """
    if not path.exists():
        raise BatonError(
            "there is no warehouse yet",
            where=path.name,
            mend="run `baton demo` or `baton run` first",
        )
    with _connection(path, read_only=True) as con:
        yield con


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Commit what happens inside, or nothing of it."""
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def rows_of(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query, each by the names of its columns."""
    result = con.execute(sql, parameters or [])
    names = [column[0] for column in result.description or []]
    for row in result.fetchall():
        yield dict(zip(names, row, strict=True))


@contextmanager
def _connection(path: Path, *, read_only: bool) -> Generator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    try:
        _attach(con, path, read_only=read_only)
        yield con
    except duckdb.IOException as error:
        raise _explained(path, error) from error
    finally:
        con.close()


def _attach(con: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    """Open the file under the name that dbt knows it by.

    Histories lie by person: small row groups, of which a join with a few thousand keys reads only
    those that can hold one of them. Ids are random text, on which this one compression costs a
    third of the time of a write and gains a fifth of the room.
    """
    if path.stem in _TAKEN_NAMES:
        raise UsageError(
            f"the engine has a database of its own called {path.stem}",
            where=path.name,
            mend="give the file in BATON_WAREHOUSE another name",
        )
    mode = "read_only" if read_only else f"row_group_size {_ROWS_PER_GROUP}"
    name, file = path.stem.replace('"', '""'), str(path).replace("'", "''")
    con.execute(f"attach '{file}' as \"{name}\" ({mode})")
    con.execute(f'use "{name}"')
    con.execute(f"set temp_directory = '{file}.tmp'")
    con.execute(f"set dynamic_or_filter_threshold = {_KEYS_PER_FILTER}")
    con.execute("set disabled_compression_methods = 'fsst'")
    con.execute("set timezone = 'UTC'")


def _explained(path: Path, error: duckdb.IOException) -> BatonError:
    text = str(error)
    if "lock" in text.lower():
        return Busy("the warehouse is in use by another process", where=path.name, mend=_BUSY_MEND)
    if "No space left" in text:
        return BatonError(
            "the disk is full; the batch was rolled back and nothing is lost",
            where=path.name,
            mend="free some space, then run the same command again",
        )
    return BatonError(
        f"the warehouse cannot be used: {text.splitlines()[0]}",
        where=path.name,
        mend="check the path in BATON_WAREHOUSE and that the file is a DuckDB database",
    )


@contextmanager
def _lock(path: Path) -> Generator[None]:
    lock = path.with_name(path.name + ".lock")
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(
                "a batch is running on this warehouse", where=path.name, mend=_BUSY_MEND
            ) from error
        yield
