"""Everything that holds for SQLite only: WAL, full sync, immediate writes, the sender's lock.

https://docs.sqlalchemy.org/en/20/dialects/sqlite.html explains why BEGIN is emitted here.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from baton.errors import Busy

BUSY_SECONDS = 10
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def prepare(engine: Engine) -> None:
    """Make each connection durable, patient, and explicit about its transactions."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def is_busy(error: BaseException) -> bool:
    """Tell whether the database error says that another process holds the lock."""
    text = str(error)
    return "database is locked" in text or "database is busy" in text


@contextmanager
def sender_lock(journal: Path) -> Generator[None]:
    """Hold the only right to send from this journal; the kernel drops it when the holder dies.

    Raises Busy when another process, or another sender of this one, holds it.
    """
    lock = journal.with_name(f"{journal.name}.sender.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock_or_refuse(descriptor, lock)
        yield
    finally:
        os.close(descriptor)


def _lock_or_refuse(descriptor: int, lock: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(
            "another sender works on this journal",
            where=lock.name,
            mend="wait for it to end, or stop it: one sender per journal",
        ) from error


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
