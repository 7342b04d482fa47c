"""What differs between the databases that a journal can lie in."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, Table

from baton.errors import BatonError, Busy


class Database(Protocol):
    """One database, known by its URL. The journal's SQL is the same on all of them.

    `place` names it in errors, without secrets. `grace` is how old the claim of a worker without
    lease must be to be settled: as long as a worker that the database has lost may go on sending.
    """

    @property
    def url(self) -> URL:
        """Where it is, and how connections are set up."""
        ...

    @property
    def place(self) -> str:
        """What to call it in an error."""
        ...

    @property
    def grace(self) -> timedelta:
        """How old the claim of a worker without lease must be to be settled."""
        ...

    def prepare(self, engine: Engine) -> None:
        """Make each connection durable."""
        ...

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin a transaction: one stable snapshot, or the only one that writes."""
        ...

    def await_writers(self, connection: Connection, table: Table) -> None:
        """Wait, at the begin of a read, for whoever may have taken a `seq` of the table."""
        ...

    def count_on(self, connection: Connection, table: Table) -> None:
        """Let `seq` go on after rows that brought their own."""
        ...

    def let_others_in(self) -> None:
        """Pause between two long writes if waiting writers would not get their turn."""
        ...

    def busy(self, error: BaseException) -> Busy | None:
        """What to raise for an error that may be gone at the next try, null for others."""
        ...

    def cannot_open(self, error: BaseException) -> BatonError:
        """What to raise for an error of the first connection."""
        ...

    def purge(self, connection: Any) -> None:
        """Drop what is kept of deleted rows, by a connection of the driver's own."""
        ...

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Hold a worker's lease; it ends with the process at the latest. Raises Busy if held."""
        ...

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold one right over the journal, called `what`. Raises Busy when it is taken."""
        ...

    def is_held(self, connection: Connection, name: str) -> bool:
        """Tell whether a worker of this name holds its lease, in a transaction that writes."""
        ...


def disk_full(where: str) -> Busy:
    """What to raise when the disk under a journal takes nothing: who waits goes on by itself."""
    return Busy(
        "the disk is full; the journal keeps what it has and takes nothing more",
        where=where,
        mend="free some space, then try again",
    )


def taken(what: str, where: str) -> Busy:
    """What to raise for a right that somebody else holds."""
    return Busy(
        f"another process has the {what} of this journal",
        where=where,
        mend="wait for it to end, or stop it: one at a time",
    )
