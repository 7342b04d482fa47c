"""The recorded rows of the shop, with the invented member who showed the card grafted on."""

import random
from datetime import datetime, time, timedelta

from examples.retail.contacts import Contact
from examples.retail.recorded import Record
from examples.retail.tables import Row
from examples.retail.world import World

SHARE_WITH_CARD = 0.6


def shop_rows(world: World) -> list[Row]:
    """Return orders, campaign contacts and redemptions; later ones stay beyond the live part."""
    return [*_orders(world), *_campaign_contacts(world), *_redemptions(world)]


def _orders(world: World) -> list[Row]:
    rng = world.rng("cards")
    members: dict[str, list[Contact]] = {}
    for contact in world.contacts:
        members.setdefault(contact.person.household_id, []).append(contact)
    planned = {basket: s.contact_id for s in world.shoppers for basket in s.baskets}
    rows: list[Row] = []
    for record in world.recorded.orders:
        drawn = _drawn(world, record, members[record["household_id"]], rng)
        rows.append(_order(record, planned.get(record["basket_id"], drawn)))
    return rows


def _drawn(world: World, record: Record, members: list[Contact], rng: random.Random) -> str | None:
    showed_card, position = rng.random() < SHARE_WITH_CARD, int(rng.expovariate(1.6))
    present = [m for m in members if _may_show(world, m, record["ordered_at"])]
    return present[min(position, len(present) - 1)].contact_id if showed_card else None


def _may_show(world: World, member: Contact, at: datetime) -> bool:
    shopper = world.shopper_of(member.person)
    return shopper is None or shopper.may_show(at)


def _order(record: Record, contact_id: str | None) -> Row:
    ordered_at: datetime = record["ordered_at"]
    return Row(
        table="shop.orders",
        values={**record, "contact_id": contact_id},
        occurred_at=ordered_at,
        arrives_at=ordered_at + timedelta(seconds=20),
        provenance="grafted" if contact_id else "recorded",
    )


def _campaign_contacts(world: World) -> list[Row]:
    return [
        _dated("shop.campaign_contacts", record, "start_date", timedelta())
        for record in world.recorded.campaign_contacts
    ]


def _redemptions(world: World) -> list[Row]:
    rng, today = world.rng("redemptions"), world.timeline.go_live.date()
    since_midnight = world.timeline.go_live - datetime.combine(today, time())
    return [
        _dated(
            "shop.coupon_redemptions",
            record,
            "redeemed_on",
            since_midnight + timedelta(minutes=rng.randint(10, 50 * world.timeline.hours)),
        )
        for record in world.recorded.coupon_redemptions
    ]


def _dated(table: str, record: Record, column: str, delay: timedelta) -> Row:
    occurred_at = datetime.combine(record[column], time())
    return Row(
        table=table,
        values=record,
        occurred_at=occurred_at,
        arrives_at=occurred_at + delay,
        provenance="recorded",
    )
