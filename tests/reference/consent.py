"""What was last said: contact point x purpose x brand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from .identity import People
from .words import Word

FOREVER = datetime(9999, 12, 31)
CHANNEL_OF = {"email": "email", "phone": "sms"}


@dataclass(frozen=True)
class ContactPoint:
    """An address and the channel that uses it."""

    channel: str
    node_id: str


@dataclass(frozen=True)
class Permission:
    """A yes or no, when it was said, and whether the address or the person decided.

    `was_refused`: some word that is about it, also an older one, is a no.
    """

    is_granted: bool
    stated_at: datetime
    level: str
    valid_until: datetime | None = None
    is_confirmed: bool | None = None
    was_refused: bool = False


PermissionKey: TypeAlias = tuple[ContactPoint, str, str]


def permissions(words: Iterable[Word], people: People) -> dict[PermissionKey, Permission]:
    """Return what was said, per contact point, purpose and brand. What is missing is unknown.

    Brand `all` stands for the brands of which nothing was said by name. Of the words that cover a
    purpose and brand: an address holds for itself, latest wins, a tie is a no. Words that name no
    address count per identifier in the same way and combine to the strictest over the person.
    Where both speak, the person's no wins unless the address was asked later; else the address
    decides.
    """
    of_address = _by((one for one in words if one.of_address), _address_of)
    people_said = [one for one in words if not one.of_address]
    of_person = _by(people_said, lambda one: (people.person_of[one.node_id], one.channel))
    found: dict[PermissionKey, Permission] = {}
    for node in people.nodes.values():
        channel = CHANNEL_OF.get(node.type)
        if channel:
            mine = of_address.get((node.id, channel), ())
            ours = of_person.get((people.person_of[node.id], channel), ())
            found |= _of_point(ContactPoint(channel, node.id), mine, ours)
    return found


def _of_point(
    point: ContactPoint, mine: Sequence[Word], ours: Sequence[Word]
) -> dict[PermissionKey, Permission]:
    said = [*mine, *ours]
    topics = {(purpose, one.brand) for one in said for purpose in one.purposes}
    return {
        (point, *topic): _decided(
            [one for one in mine if one.covers(*topic)], [one for one in ours if one.covers(*topic)]
        )
        for topic in topics
    }


def _decided(mine: Sequence[Word], ours: Sequence[Word]) -> Permission:
    was_refused = any(not one.is_granted for one in [*mine, *ours])
    address = max(mine, key=_recency, default=None)
    person = _strictest(ours)
    if address is None or (
        person and not person.is_granted and person.stated_at >= address.stated_at
    ):
        assert person
        return _permission(person, "person", was_refused)
    return _permission(address, "address", was_refused)


def _strictest(ours: Sequence[Word]) -> Word | None:
    latest = [max(said, key=_recency) for said in _by(ours, lambda one: one.node_id).values()]
    return max(
        latest,
        key=lambda one: (not one.is_granted, one.stated_at, *_weakness(one)),
        default=None,
    )


def _recency(said: Word) -> tuple[datetime, bool, bool, timedelta]:
    return said.stated_at, not said.is_granted, *_weakness(said)


def _weakness(said: Word) -> tuple[bool, timedelta]:
    """Of two yeses of one instant the weaker counts: unconfirmed, then the one that ends first."""
    return not said.is_confirmed, FOREVER - (said.valid_until or FOREVER)


def _permission(said: Word, level: str, was_refused: bool) -> Permission:
    return Permission(
        said.is_granted,
        said.stated_at,
        level,
        said.valid_until,
        said.is_confirmed,
        was_refused,
    )


def _address_of(said: Word) -> tuple[str | None, str]:
    return said.address_id, said.channel


def _by(words: Iterable[Word], key: Callable[[Word], object]) -> Mapping[object, list[Word]]:
    found: dict[object, list[Word]] = {}
    for one in words:
        found.setdefault(key(one), []).append(one)
    return found
