"""Delivery receipts of the mailing tool used before go-live, shaped by the recorded campaigns."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from examples.retail.consent import standing
from examples.retail.contacts import write_phone
from examples.retail.people import Person
from examples.retail.tables import Row
from examples.retail.world import World

PROVIDER = "previous_mailer"
SHARE_BOUNCED = 0.012
SHARE_COMPLAINED = 0.004
SHARE_OPENED = 0.3
SHARE_CLICKED = 0.2

_WILLING = {"granted", "by_person", "reconsented"}
_DAYS = 150


@dataclass(frozen=True)
class Mailing:
    """One message of the previous tool to one person; `sent_at` is naive UTC."""

    message_id: str
    person: Person
    sent_at: datetime


def delivery_receipts(world: World) -> list[Row]:
    """Return the receipts of 150 days; an address that bounced or complained gets no more mail."""
    rng = world.rng("receipts")
    ended: set[str] = set()
    rows: list[Row] = []
    for mailing in _mailings(world, rng):
        email = mailing.person.email
        if email and email not in ended:
            statuses = _statuses(world, mailing.person, rng)
            if {"bounced", "complained"} & {status for status, _ in statuses}:
                ended.add(email)
            rows += [_email_receipt(mailing, status, seconds) for status, seconds in statuses]
    stopped = _stopped(world, rng)
    return [*rows, *stopped, *_started_again(stopped), *_opened_live(rows, world, rng)]


def _mailings(world: World, rng: random.Random) -> list[Mailing]:
    go_live, stances = world.timeline.go_live, standing(world)
    members: dict[str, list[Person]] = {}
    for person in world.persons:
        willing = stances[person.person_id, "email"] in _WILLING
        if willing and not person.deceased and not person.do_not_contact:
            members.setdefault(person.household_id, []).append(person)
    sent = [
        (_morning(contact["start_date"], rng), person)
        for contact in world.recorded.campaign_contacts
        for person in members.get(contact["household_id"], ())
    ]
    sent += [
        (go_live - timedelta(days=20), quote.person)
        for quote in world.cast.quotes
        if quote.person and quote.fate.needs == "old_bounce"
    ]
    recent = [(at, p) for at, p in sent if go_live - timedelta(days=_DAYS) <= at < go_live]
    recent.sort(key=lambda pair: (pair[0], pair[1].person_id))
    return [Mailing(f"pm-{n + 1:06d}", person, at) for n, (at, person) in enumerate(recent)]


def _morning(day: datetime, rng: random.Random) -> datetime:
    start = datetime(day.year, day.month, day.day, 14)
    return start + timedelta(seconds=rng.randrange(3_600))


def _statuses(world: World, person: Person, rng: random.Random) -> list[tuple[str, int]]:
    fate = world.cast.fate_of(person)
    if fate:
        return [("bounced" if fate.needs == "old_bounce" else "delivered", rng.randint(2, 40))]
    if world.shopper_of(person):
        return [("delivered", rng.randint(2, 40))]
    if rng.random() < SHARE_BOUNCED:
        return [("bounced", rng.randint(2, 400))]
    statuses = [("delivered", rng.randint(2, 40))]
    if rng.random() < SHARE_OPENED:
        statuses.append(("opened", rng.randint(120, 80_000)))
        if rng.random() < SHARE_CLICKED:
            statuses.append(("clicked", statuses[-1][1] + rng.randint(4, 60)))
    if rng.random() < SHARE_COMPLAINED:
        statuses.append(("complained", rng.randint(120, 80_000)))
    return statuses


def _email_receipt(mailing: Mailing, status: str, seconds: int) -> Row:
    reason = {"bounced": "550 user unknown", "complained": "abuse report"}.get(status)
    at = mailing.sent_at + timedelta(seconds=seconds)
    return _receipt(
        mailing.message_id, "email", mailing.person.email, status=status, reason=reason, at=at
    )


def _stopped(world: World, rng: random.Random) -> list[Row]:
    stances = standing(world)
    stopped = [p for p in world.spare if p.phone and stances[p.person_id, "sms"] == "withdrawn"]
    rows: list[Row] = []
    for n, person in enumerate(stopped[:12]):
        at = world.timeline.go_live - timedelta(days=rng.randint(3, 90), seconds=n)
        address = write_phone(person.phone, rng) if person.phone else None
        rows.append(
            _receipt(f"ps-{n + 1:06d}", "sms", address, status="stopped", reason="STOP", at=at)
        )
    return rows


def _started_again(stopped: list[Row]) -> list[Row]:
    """Return the START of two who had sent STOP, two days later."""
    return [
        _receipt(
            str(row.values["message_id"]),
            "sms",
            str(row.values["address"]),
            status="started",
            reason="START",
            at=row.occurred_at + timedelta(days=2),
        )
        for row in stopped[:2]
    ]


def _opened_live(rows: list[Row], world: World, rng: random.Random) -> list[Row]:
    delivered = [
        row
        for row in rows
        if row.values["status"] == "delivered" and row.occurred_at < world.timeline.go_live
    ]
    opened: list[Row] = []
    for row in rng.sample(delivered[-120:], 10):
        at = world.timeline.at(rng.uniform(0.02, 0.95))
        changes = row.with_values(status="opened", occurred_at=at)
        opened.append(Row(row.table, changes.values, at, at + timedelta(seconds=2)))
    return opened


def _receipt(
    message_id: str,
    channel: str,
    address: str | None,
    *,
    status: str,
    reason: str | None,
    at: datetime,
) -> Row:
    return Row(
        table="messaging.receipts",
        values={
            "receipt_id": None,
            "provider": PROVIDER,
            "message_id": message_id,
            "channel": channel,
            "address": address,
            "status": status,
            "reason": reason,
            "occurred_at": at,
            "suppressed_until": None,
        },
        occurred_at=at,
        arrives_at=at + timedelta(seconds=2),
    )
