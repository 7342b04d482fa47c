"""One journal database: where it is, and its read and write transactions."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from baton.errors import Busy, UsageError
from baton.journal import sqlite

DEFAULT_PATH = "baton.journal.db"


class Store:
    """Connections to one journal. Writes are serialised; reads see a stable snapshot."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A transaction that only reads."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that takes the write lock at once; committed at the end or not at all."""
        with self._transaction(writes=True) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections; the last one to close folds the WAL into the file."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Generator[Connection]:
        try:
            opened = self._engine.connect().execution_options(writes=writes)
            with opened as connection, connection.begin():
                yield connection
        except OperationalError as error:
            if sqlite.is_busy(error):
                raise self._busy() from error
            raise

    def _busy(self) -> Busy:
        return Busy(
            "the journal is locked by another process",
            where=self.path.name,
            mend="try again; if it lasts, look for a process that holds a transaction open",
        )


def open_store(target: str | Path | None, environ: Mapping[str, str]) -> Store:
    """Open the database at a path or SQLAlchemy URL, by default `BATON_JOURNAL`.

    Raises UsageError when it is no SQLite database or lies in no directory.
    """
    url = _url(target or environ.get("BATON_JOURNAL") or DEFAULT_PATH)
    path = _path_of(url)
    engine = create_engine(
        sqlite.patient(url),
        json_serializer=partial(json.dumps, default=str),
        hide_parameters=True,  # an error would tell payloads and contexts to a log
    )
    sqlite.prepare(engine)
    store = Store(engine, path)
    try:
        with store.read():
            return store
    except DatabaseError as error:
        raise UsageError(
            "the journal cannot be opened",
            where=str(path),
            mend="BATON_JOURNAL must name a journal, or a new file in a directory that exists",
        ) from error


def _url(target: str | Path) -> URL:
    text = str(target)
    return make_url(text) if "://" in text else URL.create("sqlite", database=text)


def _path_of(url: URL) -> Path:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise UsageError(
            f"a journal on {url.get_backend_name()} is not supported yet",
            where="BATON_JOURNAL",
            mend="name a SQLite file",
        )
    return Path(url.database)
