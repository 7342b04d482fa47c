"""Everything that holds for SQLite only: WAL, full sync, immediate writes, leases as locked files.

https://docs.sqlalchemy.org/en/20/dialects/sqlite.html explains why BEGIN is emitted here.
"""

import fcntl
import glob
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, event

from baton.errors import BatonError, Busy, UsageError
from baton.journal.database import disk_full, taken

BUSY_SECONDS = 10
_WAL_RETRY_SECONDS = 0.01
_PAUSE_SECONDS = 0.02
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


class Sqlite:
    """A file on the disk of this machine. Its lock has no queue: who polls gets in sooner."""

    grace = timedelta(0)  # the kernel drops a lease when the process can send no more

    def __init__(self, url: URL, *, polls: bool) -> None:
        if not url.database or url.database == ":memory:":
            raise UsageError(
                "a journal in memory would be gone with the process",
                where="BATON_JOURNAL",
                mend="name a file",
            )
        self._path = Path(url.database).resolve()  # one place for leases, whatever it is called
        self.place = url.database
        seconds = {"timeout": str(0 if polls else BUSY_SECONDS)}
        self.url = url if "timeout" in url.query else url.update_query_dict(seconds)

    def prepare(self, engine: Engine) -> None:
        """Make each connection durable, and explicit about its transactions."""
        event.listen(engine, "connect", _on_connect)

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin on a snapshot, or with the write lock."""
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def await_writers(self, connection: Connection, table: Table) -> None:
        """Nothing to wait for: `seq` is given and committed under the one write lock."""

    def count_on(self, connection: Connection, table: Table) -> None:
        """Nothing to do: the next `seq` is one more than the highest."""

    def let_others_in(self) -> None:
        """Pause: the lock has no queue, and an opt-out should not starve."""
        time.sleep(_PAUSE_SECONDS)

    def busy(self, error: BaseException) -> Busy | None:
        """Busy when another process holds the lock, or the disk has no room."""
        if _is_full(error):
            return disk_full(self._path.name)
        if not _is_locked(error):
            return None
        return Busy(
            "the journal is locked by another process",
            where=self._path.name,
            mend="try again; if it lasts, look for a process that holds a transaction open",
        )

    def cannot_open(self, error: BaseException) -> BatonError:
        """Busy, or UsageError for what is no journal."""
        return self.busy(error) or UsageError(
            "the journal cannot be opened",
            where=self.place,
            mend="BATON_JOURNAL must name a journal, or a new file in a directory that exists",
        )

    def purge(self, connection: Any) -> None:
        """Fold the log into the file and empty it; deleted content is overwritten by SQLite."""
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def lease(self, name: str) -> Generator[None]:
        """Hold a locked file beside the journal; files that dead workers left are removed."""
        for left in self._path.parent.glob(f"{glob.escape(self._path.name)}.worker.*.lock"):
            if not _is_locked_file(left):
                left.unlink(missing_ok=True)
        file = self._lease_file(name)
        descriptor = _make_locked(file)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
            os.close(descriptor)

    @contextmanager
    def exclusive(self, what: str) -> Generator[None]:
        """Hold a locked file beside the journal, which stays."""
        file = self._path.with_name(f"{self._path.name}.{what}.lock")
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise taken(what, file.name) from error
        try:
            yield
        finally:
            os.close(descriptor)

    def is_held(self, connection: Connection, name: str) -> bool:  # noqa: ARG002
        """Tell whether the worker's file is locked."""
        return _is_locked_file(self._lease_file(name))

    def _lease_file(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.worker.{name}.lock")


def _make_locked(file: Path) -> int:
    """Make a file that nobody ever sees without its lock."""
    unseen = file.with_suffix(".new")
    descriptor = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    unseen.rename(file)
    return descriptor


def _is_locked_file(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _is_locked(error: BaseException) -> bool:
    text = str(error)
    return "database is locked" in text or "database is busy" in text


def _is_full(error: BaseException) -> bool:
    """The disk took nothing of the log, or no room was left to share its index."""
    name = getattr(getattr(error, "orig", error), "sqlite_errorname", None)
    return name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    _switch_to_wal(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    """Wait here for the lock: SQLite does not, where two processes make one journal at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return
