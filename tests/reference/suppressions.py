"""Whom nobody may contact, and until when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from baton.ids import make_id

from .consent import FOREVER
from .crm_flags import changes
from .identifiers import address_node
from .records import MessageEvent, Receipt, Record

_REASONS = {"bounced": "bounce", "complained": "complaint", "stopped": "stop", "started": "stop"}
_OF_PERSONS = {"is_deceased": "deceased", "do_not_contact": "legal"}


@dataclass(frozen=True)
class Suppression:
    """From the first sign until the last one ends."""

    since: datetime
    until: datetime


SuppressionKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class _Sign:
    at: datetime
    ends_at: datetime | None


def suppressions(records: Iterable[Record]) -> dict[SuppressionKey, Suppression]:
    """Return the suppressions by contact point (or contact's node) and reason."""
    known = tuple(records)
    signs: dict[SuppressionKey, list[_Sign]] = {}
    for key, sign in _signs(known):
        signs.setdefault(key, []).append(sign)
    of_points = {key: one for key, of_key in signs.items() if (one := _of(of_key))}
    return of_points | _of_persons(known)


def _signs(records: Iterable[Record]) -> Iterator[tuple[SuppressionKey, _Sign]]:
    for one in records:
        if isinstance(one, Receipt) and one.status in _REASONS:
            node = address_node(one.channel, one.address)
            at = min(one.occurred_at, one.load.at)
            rests = one.suppressed_until if one.status == "bounced" else None
            ends_at = None if one.status == "started" else rests or FOREVER
            if node:
                point = make_id("contact_point", one.channel, node.id)
                yield (point, _REASONS[one.status]), _Sign(at, ends_at)
        if isinstance(one, MessageEvent) and one.state == "bounced" and one.contact_point_id:
            yield (one.contact_point_id, "bounce"), _Sign(one.occurred_at, FOREVER)


def _of(signs: list[_Sign]) -> Suppression | None:
    against = [(one.at, one.ends_at) for one in signs if one.ends_at]
    if not against:
        return None
    lifted = [one.at for one in signs if one.ends_at is None]
    last = max(at for at, _ in against)
    is_lifted = bool(lifted) and max(lifted) > last
    until = max(lifted) if is_lifted else max(ends_at for _, ends_at in against)
    return Suppression(min(at for at, _ in against), until)


def _of_persons(records: Iterable[Record]) -> dict[SuppressionKey, Suppression]:
    found: dict[SuppressionKey, Suppression] = {}
    for change in changes(records):
        if change.flag in _OF_PERSONS:
            key = change.node_id, _OF_PERSONS[change.flag]
            since = change.at if change.is_set else found[key].since
            until = FOREVER if change.is_set else max(change.at, since)
            found[key] = Suppression(since, until)
    return found
