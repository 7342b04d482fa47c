"""Stop and resume: an append-only log; the latest entry of a scope and value counts."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, func, not_, select

from baton.errors import UsageError
from baton.journal.records import Switch
from baton.journal.rules import SCOPES, Scope
from baton.journal.schema import messages, switches

Stops = frozenset[tuple[str, str | None]]
COLUMN = {
    "brand": messages.c.brand,
    "journey": messages.c.journey,
    "action": messages.c.action,
    "channel": messages.c.channel,
    "destination": messages.c.destination,
}


def set_switch(
    connection: Connection,
    scope: str,
    value: str | None,
    *,
    is_stopped: bool,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """Append one entry. Raises UsageError for an unknown scope, or without a reason."""
    entry = {"scope": require_scope(scope, value), "value": value, "is_stopped": is_stopped}
    if not reason.strip() or not by.strip():
        raise UsageError(
            "a switch needs a reason and a name",
            where=f"{scope} {value or ''}".strip(),
            mend="say why, and who decided it",
        )
    connection.execute(switches.insert().values(**entry, reason=reason, set_by=by, set_at=at))


def stopped(connection: Connection) -> list[Switch]:
    """The scopes that are stopped now, oldest first."""
    rows = connection.execute(_stopped_now().order_by(switches.c.seq))
    return [Switch(**row) for row in rows.mappings()]


def stops(connection: Connection) -> Stops:
    """What is stopped now, persons left out, as pairs of scope and value."""
    return frozenset((row.scope, row.value) for row in connection.execute(_FEW))


def not_stopped(stopped_: Stops) -> list[ColumnElement[bool]]:
    """The conditions on `messages` under which neither these stops nor one of a person holds."""
    if any(scope == "global" for scope, _ in stopped_):
        return [false()]
    named = [(scope, sorted(v for s, v in stopped_ if s == scope and v)) for scope in COLUMN]
    passed = [COLUMN[scope].not_in(values) for scope, values in named if values]
    return [*passed, not_(_person_stopped())]


def _person_stopped() -> ColumnElement[bool]:
    person = switches.alias("person_switches")
    mine = and_(person.c.scope == "person", person.c.value == messages.c.person_id)
    newest = select(func.max(person.c.seq)).where(mine).correlate(messages).scalar_subquery()
    return exists().where(switches.c.seq == newest, switches.c.is_stopped)


def _stopped_now() -> Select[tuple[int, str, str | None, str, str, datetime]]:
    newest = select(func.max(switches.c.seq)).group_by(switches.c.scope, switches.c.value)
    return select(
        switches.c.seq,
        switches.c.scope,
        switches.c.value,
        switches.c.reason,
        switches.c.set_by,
        switches.c.set_at,
    ).where(switches.c.seq.in_(newest), switches.c.is_stopped)


def require_scope(scope: str, value: str | None) -> Scope:
    """The scope, if it is one. Raises UsageError for an unknown one, or with a value amiss."""
    for known in SCOPES:
        if scope == known and (value is None) == (known == "global"):
            return known
    raise UsageError(
        f"there is nothing to switch by {scope!r} and {value!r}",
        where="switch",
        mend=f"use one of {', '.join(SCOPES)}, with a value for all but global",
    )


_FEW = _stopped_now().where(switches.c.scope != "person")
