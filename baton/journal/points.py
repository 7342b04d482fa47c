"""Contact points: which address, by its keyed hash, whoever answers a message speaks about."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from baton.journal.hashing import AddressHasher
from baton.journal.records import ContactPoint, HandedMessage
from baton.journal.schema import contact_points
from baton.journal.tools import chunks

_CHUNK = 500


def keep(
    connection: Connection, handed: Iterable[HandedMessage], hasher: AddressHasher, at: datetime
) -> dict[str, str]:
    """Remember the contact points of messages, and whose they are now.

    Returns the keyed hashes of the addresses of those that were not known, by contact point.
    """
    rows = {row["contact_point_id"]: row for one in handed if (row := _row(one, hasher, at))}
    known = _known(connection, list(rows))
    new = [row for id_, row in rows.items() if id_ not in known]
    changed = [row for id_, row in rows.items() if id_ in known and _differs(row, known[id_])]
    if new:
        connection.execute(contact_points.insert(), new)
    if changed:
        connection.execute(_RESTATE, [{"id": row["contact_point_id"], **row} for row in changed])
    return {row["contact_point_id"]: row["address_hash"] for row in new}


def hashes_of(connection: Connection, contact_point_ids: Sequence[str]) -> dict[str, str]:
    """The keyed hash of the address of each contact point that is known."""
    columns = (contact_points.c.contact_point_id, contact_points.c.address_hash)
    query = select(*columns).where(contact_points.c.contact_point_id.in_(contact_point_ids))
    return {row.contact_point_id: row.address_hash for row in connection.execute(query)}


def of_same_person(connection: Connection, own: ContactPoint) -> list[ContactPoint]:
    """The own contact point, then the others of the person that it belongs to now.

    Contact points of the own one's channel are left out: other addresses than the own one.
    """
    person = select(contact_points.c.person_id).where(
        contact_points.c.contact_point_id == own.contact_point_id
    )
    query = select(contact_points).where(
        contact_points.c.person_id == person.scalar_subquery(),
        contact_points.c.channel != own.channel,
        contact_points.c.node_id.is_not(None),
    )
    rows = connection.execute(
        query.order_by(contact_points.c.channel, contact_points.c.contact_point_id)
    )
    others = [ContactPoint(r.contact_point_id, r.node_id, r.channel, is_own=False) for r in rows]
    return [own, *others]


def _row(message: HandedMessage, hasher: AddressHasher, at: datetime) -> dict[str, Any] | None:
    address_hash = hasher.address(message.channel, message.address)
    if message.contact_point_id is None or address_hash is None:
        return None
    return {
        "contact_point_id": message.contact_point_id,
        "node_id": message.address_node_id,
        "channel": message.channel,
        "address_hash": address_hash,
        "person_id": message.person_id,
        "handed_at": at,
    }


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(ids, _CHUNK):
        query = select(contact_points).where(contact_points.c.contact_point_id.in_(part))
        found |= {row.contact_point_id: row for row in connection.execute(query)}
    return found


def _differs(row: dict[str, Any], known: Row[Any]) -> bool:
    row["node_id"] = row["node_id"] or known.node_id
    facts = (row["node_id"], row["address_hash"], row["person_id"])
    return facts != (known.node_id, known.address_hash, known.person_id)


_RESTATE = update(contact_points).where(contact_points.c.contact_point_id == bindparam("id"))
