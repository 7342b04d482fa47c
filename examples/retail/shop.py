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
    return [
        _order(record, members[record["household_id"]], rng) for record in world.recorded.orders
    ]


def _order(record: Record, members: list[Contact], rng: random.Random) -> Row:
    showed_card = rng.random() < SHARE_WITH_CARD
    member = members[min(int(rng.expovariate(1.6)), len(members) - 1)]
    ordered_at: datetime = record["ordered_at"]
    return Row(
        table="shop.orders",
        values={**record, "contact_id": member.contact_id if showed_card else None},
        occurred_at=ordered_at,
        arrives_at=ordered_at + timedelta(seconds=20),
        provenance="grafted" if showed_card else "recorded",
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
