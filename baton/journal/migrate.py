"""Bring a journal to the newest schema. At head this costs two selects."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from baton.errors import UsageError
from baton.journal.store import Store

HEAD = "0012"
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(store: Store) -> None:
    """Run the migrations that are missing, in one transaction.

    Raises UsageError when a newer version of the program has written the journal, or the user of
    the database may not make tables.
    """
    with store.read() as connection:
        if _version(connection) == HEAD:
            return
    with store.write() as connection:
        if _version(connection) != HEAD:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # half a second, needed for a new journal only
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UsageError(
            f"the journal has schema {_version(connection)}, this program knows {HEAD}",
            where="alembic_version",
            mend="use the version of the program that wrote it, or a newer one",
        ) from error
    except ProgrammingError as error:
        raise UsageError(
            "the journal's tables cannot be made or changed",
            where=str(error.orig).partition("\n")[0],
            mend="let the user of BATON_JOURNAL own the database, or its schema",
        ) from error
