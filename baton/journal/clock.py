"""The journal's settings, and the clock that every process sees."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from baton.errors import UsageError
from baton.journal.schema import settings

_SIMULATED_TIME = "simulated_time"


def wall_clock() -> datetime:
    """The wall clock, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def get_setting(connection: Connection, name: str) -> str | None:
    """The value of a setting, null when it was never set."""
    query = select(settings.c.value).where(settings.c.name == name)
    return connection.execute(query).scalar_one_or_none()


def put_setting(connection: Connection, name: str, value: str) -> None:
    """Set a setting."""
    changed = connection.execute(
        update(settings).where(settings.c.name == name).values(value=value)
    )
    if not changed.rowcount:
        connection.execute(settings.insert().values(name=name, value=value))


def simulated_time(connection: Connection) -> datetime | None:
    """The simulated time, null when the wall clock counts."""
    value = get_setting(connection, _SIMULATED_TIME)
    return datetime.fromisoformat(value) if value else None


def set_simulated_time(connection: Connection, at: datetime) -> None:
    """Move the simulated clock forward.

    Raises UsageError when the time has a zone or lies before the present simulated time.
    """
    require_naive(at, "simulated time")
    before = simulated_time(connection)
    if before is not None and at < before:
        raise UsageError(
            f"the simulated clock stands at {before.isoformat()} and never goes back",
            where=f"simulated time {at.isoformat()}",
            mend="give a later time, or start a new journal",
        )
    put_setting(connection, _SIMULATED_TIME, at.isoformat())


def require_naive(at: datetime, what: str) -> None:
    """Raise UsageError for a time that has a zone: all times are naive UTC."""
    if at.tzinfo is not None:
        raise UsageError(
            f"{what} has a time zone",
            where=at.isoformat(),
            mend="convert it to UTC and drop the zone: all times here are naive UTC",
        )
