"""Contexts of hand-offs, found by id or by the keyed hash of an address; each reading on record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, bindparam, delete, select, update

from baton.journal.clock import require_naive
from baton.journal.hashing import AddressHasher, normalise
from baton.journal.records import Accessor, Context
from baton.journal.schema import accesses, context_keys, contexts
from baton.journal.tools import chunks

_CHUNK = 500
_WRITTEN = ("node_ids", "context", "as_of", "updated_at", "blanked_at")
_REWRITE = (
    update(contexts)
    .where(contexts.c.person_id == bindparam("new_person_id"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN})
)


def publish(
    connection: Connection, given: Iterable[Context], hasher: AddressHasher, at: datetime
) -> int:
    """Write contexts that are not older than those known; returns how many were written.

    A key belongs to the person who named it last; keys that a person no longer names are removed.
    """
    latest = {one.person_id: one for one in given}
    known = _known(connection, list(latest))
    fresh = [c for c in latest.values() if c.as_of >= known.get(c.person_id, c.as_of)]
    for one in fresh:
        require_naive(one.as_of, "as_of of a context")
    _write(connection, [_row(one, at) for one in fresh], known)
    _write_keys(connection, fresh, hasher)
    return len(fresh)


def find(connection: Connection, kind: str, value: str, hasher: AddressHasher) -> Context | None:
    """The context that a key leads to, null when there is none or it was blanked."""
    key = select(context_keys.c.person_id).where(
        context_keys.c.key_hash == key_hash(kind, value, hasher)
    )
    query = select(contexts).where(
        contexts.c.person_id == key.scalar_subquery(), contexts.c.blanked_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    nodes = tuple(row.node_ids or ())
    return Context(row.person_id, nodes, (), row.context, row.as_of, row.updated_at)


def note_access(
    connection: Connection, by: Accessor, outcome: str, person_id: str | None, at: datetime
) -> None:
    """Append who asked for what, and what came of it."""
    entry = {
        "accessor": by.name,
        "person_id": person_id,
        "route": by.route,
        "is_masked": by.is_masked,
        "outcome": outcome,
        "accessed_at": at,
    }
    connection.execute(accesses.insert().values(**entry))


def accesses_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Who asked for the context of a person, oldest first."""
    query = select(accesses).where(accesses.c.person_id == person_id).order_by(accesses.c.seq)
    return [dict(row) for row in connection.execute(query).mappings()]


def key_hash(kind: str, value: str, hasher: AddressHasher) -> str:
    """The keyed hash of a key: e-mail and phone in one spelling, ids as they are."""
    spelt = normalise(kind, value) if kind in ("email", "phone") else value.strip()
    return hasher.text(f"context key {kind} {spelt}")


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for part in chunks(ids, _CHUNK):
        query = select(contexts.c.person_id, contexts.c.as_of).where(contexts.c.person_id.in_(part))
        found |= {row.person_id: row.as_of for row in connection.execute(query)}
    return found


def _row(one: Context, at: datetime) -> dict[str, Any]:
    blank = one.context is None
    return {
        "person_id": one.person_id,
        "node_ids": None if blank else list(one.node_ids),
        "context": None if one.context is None else dict(one.context),
        "as_of": one.as_of,
        "updated_at": at,
        "blanked_at": at if blank else None,
    }


def _write(
    connection: Connection, rows: Sequence[dict[str, Any]], known: dict[str, datetime]
) -> None:
    old = [row for row in rows if row["person_id"] in known]
    if old:
        named = [{f"new_{name}": value for name, value in row.items()} for row in old]
        connection.execute(_REWRITE, named)
    new = [row for row in rows if row["person_id"] not in known]
    if new:
        connection.execute(contexts.insert(), new)


def _write_keys(connection: Connection, written: Sequence[Context], hasher: AddressHasher) -> None:
    """Change what differs: most persons are known by the same keys as before."""
    rows = {
        key_hash(kind, value, hasher): one.person_id
        for one in written
        for kind, value in _keys(one)
    }
    before = _owners(connection, context_keys.c.person_id, [one.person_id for one in written])
    before |= _owners(connection, context_keys.c.key_hash, list(rows.keys() - before.keys()))
    gone = [hash_ for hash_, person in before.items() if rows.get(hash_) != person]
    for part in chunks(gone, _CHUNK):
        connection.execute(delete(context_keys).where(context_keys.c.key_hash.in_(part)))
    new = rows.items() - before.items()
    if new:
        named = [{"key_hash": hash_, "person_id": person} for hash_, person in new]
        connection.execute(context_keys.insert(), named)


def _owners(connection: Connection, column: Column[str], values: Sequence[str]) -> dict[str, str]:
    """Whose the keys are that have one of these values, by the hash of the key."""
    found: dict[str, str] = {}
    for part in chunks(values, _CHUNK):
        query = select(context_keys.c.key_hash, context_keys.c.person_id).where(column.in_(part))
        found |= {row.key_hash: row.person_id for row in connection.execute(query)}
    return found


def _keys(one: Context) -> list[tuple[str, str]]:
    if one.context is None:
        return []
    ids = [("id", id_) for id_ in (one.person_id, *one.node_ids)]
    given = [(kind if kind in ("email", "phone") else "id", value) for kind, value in one.keys]
    return [*ids, *given]
