"""Workers: who claims holds a lease, so that its claims can be told from those of the dead."""

import os
import re
import secrets
import socket

from sqlalchemy import Connection

from baton.errors import Busy
from baton.journal.database import Database


def new_name() -> str:
    """A name never given before: machine, process and chance, fit for a file name."""
    machine = re.sub(r"[^\w.-]", "_", socket.gethostname())
    return f"{machine}-{os.getpid()}-{secrets.token_hex(4)}"


def require_lease(database: Database, connection: Connection, worker: str) -> None:
    """Raise Busy unless the worker holds its lease: others may be settling its claims already."""
    if not database.is_held(connection, worker):
        raise Busy(
            "a worker without lease claims nothing",
            where=f"worker {worker}",
            mend="claim inside `journal.working()`; a sender that lost its server starts again",
        )
