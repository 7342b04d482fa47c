"""One journal database: where it is, and its read and write transactions."""

import json
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InternalError, OperationalError

from baton.errors import UsageError
from baton.journal.database import Database
from baton.journal.postgres import Postgres
from baton.journal.sqlite import Sqlite

DEFAULT_PATH = "baton.journal.db"


class Store:
    """Connections to one journal. Writes are serialised; reads see a stable snapshot."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self._engine = engine
        self.database = database

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A transaction that only reads."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def read_settled(self, table: Table) -> Generator[Connection]:
        """A transaction that only reads: no lower `seq` of the table is committed after it."""
        with self.read() as connection:
            self.database.await_writers(connection, table)
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that takes the write lock at once; committed at the end or not at all."""
        with self._transaction(writes=True) as connection:
            yield connection

    def purge(self) -> None:
        """Drop what the database keeps of rows that were deleted or overwritten."""
        with closing(self._engine.raw_connection()) as connection:
            self.database.purge(connection.driver_connection)

    def close(self) -> None:
        """Close all connections; the last one to close folds SQLite's WAL into the file."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Generator[Connection]:
        try:
            opened = self._engine.connect().execution_options(writes=writes)
            with opened as connection, connection.begin():
                yield connection
        except (OperationalError, InternalError) as error:
            busy = self.database.busy(error)
            if busy is None:
                raise
            raise busy from error


def open_store(target: str | Path | None, environ: Mapping[str, str], *, polls: bool) -> Store:
    """Open the database at a path or SQLAlchemy URL, by default `BATON_JOURNAL`.

    Raises UsageError when it is no journal's, cannot be reached or lacks a driver.
    """
    url = _url(target or environ.get("BATON_JOURNAL") or DEFAULT_PATH)
    database = _database(url, polls=polls)
    engine = create_engine(
        database.url,
        json_serializer=json.JSONEncoder(default=str).encode,
        hide_parameters=True,  # an error would tell payloads and contexts to a log
    )
    database.prepare(engine)
    event.listen(engine, "begin", partial(_on_begin, database))
    try:
        with engine.connect():
            return Store(engine, database)
    except DatabaseError as error:
        raise database.cannot_open(error) from error


def _url(target: str | Path) -> URL:
    text = str(target)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        return make_url(text)
    except ArgumentError as error:
        raise _unknown("an address that cannot be read") from error


def _database(url: URL, *, polls: bool) -> Database:
    if url.get_backend_name() == "sqlite":
        return Sqlite(url, polls=polls)
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return Postgres(url)
    raise _unknown(url.drivername)


def _unknown(what: str) -> UsageError:
    return UsageError(
        f"a journal cannot lie in {what}",
        where="BATON_JOURNAL",
        mend="give the path of a SQLite file, or postgresql+psycopg://user@host/database",
    )


def _on_begin(database: Database, connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    database.begin(connection, writes=writes)
