"""Everything that holds for PostgreSQL only: one writer at a time, leases as session locks.

Writers queue for one advisory lock, held to the end of their transaction. So they follow one
another as on SQLite: a claim sees every opt-out committed before it, and `seq` rises in the order
of commits. The lock is taken before the first snapshot of a READ COMMITTED transaction; under
REPEATABLE READ a writer would wait for the lock and then work on what it saw before the wait.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import hashlib
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, Table, event, func, select

from baton.errors import BatonError, Busy, UsageError
from baton.journal.database import disk_full, taken

BUSY_SECONDS = 10
GRACE = timedelta(minutes=2)
_WITH_VALUES = ("payloads", "contexts", "context_keys", "sync_rows", "sync_requests")
_LOCKED = ("55P03", "40P01", "40001")  # lock timeout, deadlock, serialisation failure
_DISK_FULL = "53100"
_LOST = ("08", "57P", "53300", "25P03")  # not connected, shutdown, too many, cut off while idle
_TRY_AGAIN = "try again; if it lasts, look for a process that holds a transaction open"

# A process that hangs or is cut off must not keep the lock or its lease for long.
_SESSION = {
    "default_transaction_isolation": "read\\ committed",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_in_transaction_session_timeout": "30s",
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_CLIENT = {
    "application_name": "baton",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
_COMMIT_ON_DISK = (
    "select set_config('synchronous_commit', 'on', false) "
    "where current_setting('synchronous_commit') = 'off'"
)


class Postgres:
    """A database on a server that several machines reach."""

    grace = GRACE

    def __init__(self, url: URL) -> None:
        _require_driver()
        options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
        given = {"options": f"{options} {url.query.get('options', '')}".strip()}
        self.url = url.set(drivername="postgresql+psycopg").update_query_dict(
            _CLIENT | dict(url.query) | given
        )
        host = url.host or str(url.query.get("host", "local"))
        self.place = f"{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"

    def prepare(self, engine: Engine) -> None:
        """Make each connection durable (a commit that returns is on disk), and errors discreet."""
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "handle_error", _first_line_only)

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin on a snapshot, or as the one writer."""
        if writes:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_key('writers')})")
        else:
            connection.exec_driver_sql("set transaction isolation level repeatable read, read only")

    def await_writers(self, connection: Connection, table: Table) -> None:
        """Wait for open transactions that have written to the table, also such as took no lock."""
        connection.exec_driver_sql(f'lock table "{table.name}" in share mode')

    def count_on(self, connection: Connection, table: Table) -> None:
        """Set the sequence to the highest `seq`."""
        sequence = func.pg_get_serial_sequence(table.name, "seq")
        connection.execute(select(func.setval(sequence, func.max(table.c.seq))))

    def let_others_in(self) -> None:
        """No pause: the server gives the lock to who has waited longest."""

    def busy(self, error: BaseException) -> Busy | None:
        """Busy when the lock was not had in time, the server is lost, or its disk is full."""
        state = _sqlstate(error)
        if state == _DISK_FULL:
            return disk_full(self.place)
        if state in _LOCKED:
            what, mend = "the journal is locked by another process", _TRY_AGAIN
        elif state is None or state.startswith(_LOST):
            what, mend = "the journal's server is not reached", "try again when the server is up"
        else:
            return None
        return Busy(what, where=self.place, mend=mend)

    def cannot_open(self, error: BaseException) -> BatonError:
        """UsageError: the server is not there, or does not let us in."""
        return UsageError(
            "the journal's server is not reached, or refuses the connection",
            where=f"{self.place} ({_sqlstate(error) or 'no answer'})",
            mend="check host, port, database, user and password of BATON_JOURNAL (a password may "
            "stand in PGPASSWORD or a password file), and that the server is up",
        )

    def purge(self, connection: Any) -> None:
        """Free the room of dead rows for reuse; logs and back-ups are the server's."""
        connection.autocommit = True
        try:
            for name in _WITH_VALUES:
                connection.execute(f"vacuum {name}")
        finally:
            connection.autocommit = False

    @contextmanager
    def lease(self, name: str) -> Generator[None]:
        """Hold a lock on a connection of its own, which the server frees when it loses that."""
        with closing(self._connect()) as connection:
            connection.execute(f"select pg_advisory_lock({_key(name)})")
            try:
                yield
            finally:
                with suppress(connection.OperationalError):  # the server has lost it already
                    connection.execute(f"select pg_advisory_unlock({_key(name)})")

    @contextmanager
    def exclusive(self, what: str) -> Generator[None]:
        """Hold a lock on a connection of its own, if nobody else does."""
        with closing(self._connect()) as connection:
            query = f"select pg_try_advisory_lock({_key(f'only one {what}')})"
            if not connection.execute(query).fetchone()[0]:
                raise taken(what, self.place)
            yield

    def is_held(self, connection: Connection, name: str) -> bool:
        """Tell whether another session than this one holds the worker's lock."""
        query = f"select pg_try_advisory_xact_lock({_key(name)})"
        return not connection.exec_driver_sql(query).scalar_one()

    def _connect(self) -> Any:
        import psycopg  # noqa: PLC0415  # an optional package

        _, parameters = self.url.get_dialect()().create_connect_args(self.url)
        try:
            return psycopg.connect(**parameters, autocommit=True)
        except psycopg.OperationalError as error:
            raise self.busy(error) or self.cannot_open(error) from error


def _key(name: str) -> int:
    digest = hashlib.sha256(f"baton journal {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def _on_connect(connection: Any, _record: object) -> None:
    connection.execute(_COMMIT_ON_DISK)
    connection.commit()


def _first_line_only(context: ExceptionContext) -> None:
    """The server's details quote the row at fault: no value of it may reach a log."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise UsageError(
            "the driver for PostgreSQL is not installed",
            where="BATON_JOURNAL",
            mend="pip install 'baton-journeys[postgres]'",
        ) from error
