"""What is allowed at a time: what was said, how long that holds, and what else the law gives."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from .consent import Permission, PermissionKey
from .identifiers import Node, hub_of_contact
from .identity import People
from .records import Contact, Order, Record
from .words import ALL, PURPOSES

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Basis:
    """One row of the policy; None means any."""

    purpose: str
    channel: str | None
    country: str | None
    basis: str
    needs_double_opt_in: bool = False
    valid_for: str | None = None


@dataclass(frozen=True)
class Standing:
    """Whether something is allowed, on what it rests, and why it is not."""

    is_granted: bool
    basis: str
    reason: str | None
    said: Permission | None


def read_bases(policy: Path) -> list[Basis]:
    """Return the rows of `consent_basis.csv`."""
    with policy.open(encoding="utf-8", newline="") as file:
        return [
            Basis(
                row["purpose"],
                row["channel"] or None,
                row["country"] or None,
                row["basis"],
                row["needs_double_opt_in"] == "true",
                row["valid_for"] or None,
            )
            for row in csv.DictReader(file)
        ]


@dataclass(frozen=True)
class Law:
    """The policy, and what of a person it asks for."""

    bases: Iterable[Basis]
    countries: Mapping[str, str]
    buyers: frozenset[str]

    def basis_of(self, purpose: str, channel: str, country: str | None) -> Basis:
        """Return the row that fits best: by country before channel."""
        fitting = [
            one
            for one in self.bases
            if one.purpose == purpose
            and one.channel in (None, channel)
            and one.country in (None, country)
        ]
        best = max(
            fitting,
            key=lambda one: (one.country is not None, one.channel is not None),
            default=None,
        )
        usual = "consent" if purpose in ("marketing", "sales") else "contract"
        return best or Basis(purpose, None, None, usual)


def law_of(records: Iterable[Record], people: People, bases: Iterable[Basis]) -> Law:
    """Return the law over these people. Somebody who has bought is a customer."""
    known = tuple(records)
    return Law(tuple(bases), dict(_countries(known, people)), frozenset(_buyers(known, people)))


def standing(
    said: Mapping[PermissionKey, Permission],
    key: PermissionKey,
    person: str,
    law: Law,
    at: datetime,
) -> Standing:
    """Return whether a purpose and brand are allowed at a contact point of the person."""
    point, purpose, _ = key
    word = said.get(key) or said.get((point, purpose, ALL))
    row = law.basis_of(purpose, point.channel, law.countries.get(person))
    reason = _reason(word, row, at)
    if reason is None:
        return Standing(True, "consent", None, word)
    is_lawful = row.basis in ("legitimate_interest", "contract") or (
        row.basis == "soft_opt_in" and person in law.buyers
    )
    is_granted = is_lawful and not (word and word.was_refused)
    return Standing(is_granted, row.basis, None if is_granted else reason, word)


def standings(
    said: Mapping[PermissionKey, Permission],
    people: People,
    law: Law,
    at: datetime,
) -> dict[PermissionKey, Standing]:
    """Return the same for brand `main` of every contact point that something was said of."""
    keys = {(point, purpose, "main") for point, _, _ in said for purpose in PURPOSES}
    return {key: standing(said, key, people.person_of[key[0].node_id], law, at) for key in keys}


def _reason(word: Permission | None, row: Basis, at: datetime) -> str | None:
    if word is None:
        return "unknown"
    if not word.is_granted:
        return "stated_no"
    if row.needs_double_opt_in and not word.is_confirmed:
        return "unconfirmed"
    ends = [word.valid_until, _later(word.stated_at, row.valid_for)]
    return "expired" if any(end and end <= at for end in ends) else None


def _later(start: datetime, age: str | None) -> datetime | None:
    if age is None:
        return None
    number, unit = int(age.split()[0]), age.split()[1].rstrip("s")
    if unit in _DAYS:
        return start + timedelta(days=number * _DAYS[unit])
    months = start.month - 1 + number * _MONTHS[unit]
    year, month = start.year + months // 12, months % 12 + 1
    for day in (start.day, 30, 29, 28):
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return None


def _countries(records: Iterable[Record], people: People) -> Iterator[tuple[str, str]]:
    latest: dict[str, tuple[datetime, int, Contact]] = {}
    for one in records:
        if isinstance(one, Contact):
            seen = one.load.at if one.is_deleted else min(one.updated_at, one.load.at)
            version = seen, one.load.seq, one
            other = latest.get(one.contact_id, version)
            latest[one.contact_id] = max(version, other, key=lambda each: each[:2])
    for _, _, one in sorted(latest.values(), key=lambda each: each[:2]):
        if one.country and not one.is_deleted:
            yield people.person_of[hub_of_contact(one)], one.country


def _buyers(records: Iterable[Record], people: People) -> Iterator[str]:
    for one in records:
        if isinstance(one, Order):
            node = Node("crm_contact", one.contact_id)
            if node.id in people.person_of:
                yield people.person_of[node.id]
