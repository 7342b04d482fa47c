"""What is allowed: contact point x purpose x brand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from .identifiers import Node, address_node, hub_of
from .identity import People
from .records import Statement

_CHANNEL_OF = {"email": "email", "phone": "sms"}
_Topic: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class ContactPoint:
    """An address and the channel that uses it."""

    channel: str
    node_id: str


@dataclass(frozen=True)
class Permission:
    """A yes or no, when it was said, and whether the address or the person decided."""

    is_granted: bool
    stated_at: datetime
    level: str


PermissionKey: TypeAlias = tuple[ContactPoint, str, str]


def permissions(statements: Iterable[Statement], people: People) -> dict[PermissionKey, Permission]:
    """Return what is known, per contact point, purpose and brand. What is missing is unknown.

    An address holds for itself, latest wins, a tie is a no. Statements that name no address count
    per identifier in the same way and combine to the strictest over the person. Where both speak,
    the person's no wins unless the address was asked later; else the address decides.
    """
    by_address: dict[tuple[str, _Topic], Permission] = {}
    by_node: dict[tuple[str, _Topic], Permission] = {}
    for one in statements:
        topic = (one.channel, one.purpose, one.brand or "main")
        said = Permission(one.is_granted, min(one.stated_at, one.load.at), "address")
        if one.email is None and one.phone is None:
            _keep_latest(by_node, (hub_of(one), topic), said)
        else:
            written = one.email if one.channel == "email" else one.phone
            address = address_node(one.channel, written)
            _keep_latest(by_address, (address.id if address else None, topic), said)
    by_person = _strictest(by_node, people)
    topics = {topic for _, topic in by_address} | {topic for _, topic in by_person}
    found: dict[PermissionKey, Permission] = {}
    for node in people.nodes.values():
        for topic in topics:
            if _CHANNEL_OF.get(node.type) == topic[0]:
                of_person = by_person.get((people.person_of[node.id], topic))
                decided = _decide(by_address.get((node.id, topic)), of_person)
                if decided:
                    found[_key(node, topic)] = decided
    return found


def _keep_latest(
    kept: dict[tuple[str, _Topic], Permission],
    key: tuple[str | None, _Topic],
    said: Permission,
) -> None:
    subject, topic = key
    if subject is None:
        return
    other = kept.get((subject, topic))
    if other is None or _recency(said) > _recency(other):
        kept[(subject, topic)] = said


def _recency(said: Permission) -> tuple[datetime, bool]:
    return said.stated_at, not said.is_granted


def _strictest(
    by_node: Mapping[tuple[str, _Topic], Permission], people: People
) -> dict[tuple[str, _Topic], Permission]:
    found: dict[tuple[str, _Topic], Permission] = {}
    for (node_id, topic), said in by_node.items():
        key = (people.person_of[node_id], topic)
        other = found.get(key)
        of_person = Permission(said.is_granted, said.stated_at, "person")
        if other is None or _strictness(of_person) > _strictness(other):
            found[key] = of_person
    return found


def _strictness(said: Permission) -> tuple[bool, datetime]:
    return not said.is_granted, said.stated_at


def _decide(of_address: Permission | None, of_person: Permission | None) -> Permission | None:
    if of_address is None or of_person is None:
        return of_address or of_person
    overrules = not of_person.is_granted and of_person.stated_at >= of_address.stated_at
    return of_person if overrules else of_address


def _key(node: Node, topic: _Topic) -> PermissionKey:
    channel, purpose, brand = topic
    return ContactPoint(channel, node.id), purpose, brand
