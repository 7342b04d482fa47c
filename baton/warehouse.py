"""The warehouse file: one writer at a time, all or nothing."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from baton import memory, rooms
from baton.errors import BatonError, Busy, UsageError
from baton.prepared import Executes

Digests = dict[str, tuple[int, str]]
_ROWS_PER_GROUP = 16_384
_KEYS_PER_FILTER = 2_000
"""More find something in nearly every group of rows, and each is compared with each group."""
_COPY = "baton_rewritten"
_CHECKPOINT_AT = "1 GB"
_Held = TypeVar("_Held")
_ATTACHED = "already attached"  # by a thread of this process
_HELD = ("Could not set lock on file", "Conflicting lock is held", _ATTACHED)
_DISK_FULL = ("No space left", "Could not write all bytes", "max_temp_directory_size")
"""The last of what is laid aside when memory is used up, which is told as too little memory."""
_NO_MEMORY = ("Out of Memory Error", "could not allocate block", "failed to pin block")
"""The last two are said of a commit."""
_TAKEN_NAMES = {"main", "memory", "system", "temp"}


class TablesMissing(BatonError):  # noqa: N818
    """Tables are read that no batch has made yet, or an earlier version made."""


@contextmanager
def tables_of_a_batch() -> Generator[None]:
    """Raise `TablesMissing`, with the mend, where tables of models are not there."""
    mend = "`baton run` makes them; on a fresh project `baton demo` shows what they hold"
    try:
        yield
    except duckdb.CatalogException as error:
        what = "the warehouse has no such tables yet; a batch makes them"
        raise TablesMissing(what, mend=mend) from error
    except duckdb.BinderException as error:
        what = "the tables of the warehouse are of an older version; a batch renews them"
        raise TablesMissing(what, mend=mend) from error


@contextmanager
def writer(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing, alone; a continuous run is asked to make room.

    Raises `Busy` when another process holds the file or the writer's lock beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with rooms.asking(path) as again:
            _patiently(lambda: held.enter_context(rooms.writing(path)), again)
            con = _patiently(lambda: held.enter_context(_opened(path, read_only=False)), again)
        yield con


@contextmanager
def holder(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing as the continuous run does, which asks nobody for room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rooms.writing(path), _opened(path, read_only=False) as con:
        con.execute(f"set checkpoint_threshold = '{_CHECKPOINT_AT}'")
        yield con


@contextmanager
def beside(con: duckdb.DuckDBPyConnection) -> Generator[duckdb.DuckDBPyConnection]:
    """One more connection to what `con` has open, with temporary tables of its own."""
    name = con.execute("select current_database()").fetchall()[0][0]
    with con.cursor() as own:
        _settle(own, str(name))
        yield own


def rewrite(path: Path) -> None:
    """Write the warehouse into a new file in its place: nothing of deleted rows is left in it.

    It takes as much room again while it lasts, and nobody can write or read. Raises `Busy` as
    `writer` does.
    """
    new = path.with_name(f".{path.name}.rewritten")
    new.unlink(missing_ok=True)
    with ExitStack() as held:
        with rooms.asking(path) as again:
            _patiently(lambda: held.enter_context(rooms.writing(path)), again)
            opened = ExitStack()
            con = _patiently(lambda: opened.enter_context(_opened(path, read_only=False)), again)
        with opened:
            name, copy = path.stem.replace('"', '""'), str(new).replace("'", "''")
            con.execute(f"attach '{copy}' as \"{_COPY}\" (row_group_size {_ROWS_PER_GROUP})")
            con.execute(f'copy from database "{name}" to "{_COPY}"')
            con.execute(f'checkpoint "{_COPY}"')
            con.execute(f'detach "{_COPY}"')
        new.replace(path)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


@contextmanager
def reader(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading; a continuous run is asked to make room.

    Raises `Busy` when a batch holds the file, `BatonError` when there is none yet.
    """
    if not path.exists():
        raise BatonError(
            "there is no warehouse yet",
            where=path.name,
            mend="run `baton demo` or `baton run` first",
        )
    with ExitStack() as held, rooms.asking(path) as again:
        con = _patiently(lambda: held.enter_context(_opened(path, read_only=True)), again)
        yield con


def _patiently(open_it: Callable[[], _Held], again: Callable[[], bool]) -> _Held:
    while True:
        try:
            return open_it()
        except Busy:
            if not again():
                raise


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
    con: Executes, sql: str, parameters: list[object] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query, each by the names of its columns."""
    result = con.execute(sql, parameters) if parameters else con.execute(sql)
    names = [column[0] for column in result.description or []]
    for row in result.fetchall():
        yield dict(zip(names, row, strict=True))


def digests(con: duckdb.DuckDBPyConnection) -> Digests:
    """Return for each table its number of rows and a hash over them, in no order.

    Tables of intake are left out: no build writes them.
    """
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name <> 'raw' and not temporary "
        "order by all"
    ).fetchall()
    return {
        f"{schema}.{name}": con.execute(
            f'select count(*), sum(hash(t)::hugeint)::varchar from "{schema}"."{name}" as t'
        ).fetchall()[0]
        for schema, name in tables
    }


@contextmanager
def _opened(path: Path, *, read_only: bool) -> Generator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    try:
        _attach(con, path, read_only=read_only)
        yield con
    except (duckdb.IOException, duckdb.BinderException) as error:
        if isinstance(error, duckdb.BinderException) and _ATTACHED not in str(error):
            raise
        raise _explained(path, error) from error
    except duckdb.Error as error:
        cramped = no_room(str(error), path)  # a commit that fails is no IOException
        if cramped is None:
            raise
        raise cramped from error
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
    con.execute(f"set temp_directory = '{file}.tmp'")
    memory.bound(con)
    con.execute(f"attach '{file}' as \"{name}\" ({mode})")
    con.execute("set disabled_compression_methods = 'fsst'")
    _settle(con, path.stem)


def _settle(con: duckdb.DuckDBPyConnection, database: str) -> None:
    """Set what each connection has for itself."""
    name = database.replace('"', '""')
    con.execute(f'use "{name}"')
    con.execute(f"set dynamic_or_filter_threshold = {_KEYS_PER_FILTER}")
    con.execute("set timezone = 'UTC'")


def no_room(text: str, path: Path) -> BatonError | None:
    """What to say where the engine's words mean a full disk, or too little memory, else null."""
    if any(sign in text for sign in _DISK_FULL):
        return BatonError(
            "the disk is full; the batch was rolled back and nothing is lost",
            where=path.name,
            mend="free some space, then run the same command again",
        )
    if any(sign in text for sign in _NO_MEMORY):
        return BatonError(
            "the engine needs more memory than it may use; nothing is lost",
            where=path.name,
            mend=f"let it have more by {memory.VARIABLE}, such as 8GB, then run the same command "
            "again; without that it may use four fifths of the machine's",
        )
    return None


def _explained(path: Path, error: duckdb.Error) -> BatonError:
    text = str(error)
    if any(sign in text for sign in _HELD):
        return Busy(
            "the warehouse is in use by another process", where=path.name, mend=rooms.BUSY_MEND
        )
    return no_room(text, path) or BatonError(
        f"the warehouse cannot be used: {text.splitlines()[0]}",
        where=path.name,
        mend="check the path in BATON_WAREHOUSE and that the file is a DuckDB database",
    )
