"""Everything that holds for SQLite only: WAL, full sync, immediate writes, the sender's lock.

https://docs.sqlalchemy.org/en/20/dialects/sqlite.html explains why BEGIN is emitted here.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from baton.errors import Busy

BUSY_SECONDS = 10
_WAL_RETRY_SECONDS = 0.01
_PAUSE_SECONDS = 0.02
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def prepare(engine: Engine) -> None:
    """Make each connection durable, and explicit about its transactions."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def patient(url: URL) -> URL:
    """The URL with the time to wait for a lock, in seconds, unless it names one: `?timeout=`."""
    if "timeout" in url.query:
        return url
    return url.update_query_dict({"timeout": str(BUSY_SECONDS)})


def is_busy(error: BaseException) -> bool:
    """Tell whether the database error says that another process holds the lock."""
    text = str(error)
    return "database is locked" in text or "database is busy" in text


def let_others_in() -> None:
    """Pause between two long writes: the lock has no queue, and an opt-out should not starve."""
    time.sleep(_PAUSE_SECONDS)


@contextmanager
def sender_lock(journal: Path) -> Generator[None]:
    """Hold the only right to send from this journal; the kernel drops it when the holder dies.

    Raises Busy when another process, or another sender of this one, holds it.
    """
    with exclusive_lock(journal, "sender"):
        yield


@contextmanager
def exclusive_lock(journal: Path, what: str) -> Generator[None]:
    """Hold one right over this journal, as `sender_lock` does. Raises Busy when it is taken."""
    lock = journal.with_name(f"{journal.name}.{what}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock_or_refuse(descriptor, lock, what)
        yield
    finally:
        os.close(descriptor)


def _lock_or_refuse(descriptor: int, lock: Path, what: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(
            f"another {what} works on this journal",
            where=lock.name,
            mend=f"wait for it to end, or stop it: one {what} per journal",
        ) from error


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
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
