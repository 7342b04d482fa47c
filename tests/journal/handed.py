"""Messages for the tests of the journal: one by default, changed by keyword."""

from dataclasses import replace
from datetime import datetime, timedelta

from baton.journal import AddressBlock, Claimed, HandedMessage, Journal

NOON = datetime(2026, 3, 2, 12, 0)
MINUTE = timedelta(minutes=1)
DESTINATION = "shop_mail"

_TYPICAL = HandedMessage(
    message_id="m1",
    candidate_id="c1",
    instance_id="i1",
    journey="quote_stalled",
    action="email_quote_reminder",
    release_id="r1",
    card_hash="h1",
    node_id="n1",
    person_id="p1",
    contact_point_id="cp1",
    channel="email",
    destination=DESTINATION,
    message_class="marketing",
    brand="shop",
    template="quote_reminder",
    priority=10,
    expires_at=NOON + timedelta(days=2),
    consent_at=NOON - timedelta(days=30),
    address="ann@mail.example",
    variables={"first_name": "Ann-Sophie"},
)


def message(number=1, **changes):
    """The message of one person; another number is another person and another address."""
    own = {
        "message_id": f"m{number}",
        "candidate_id": f"c{number}",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
        "address": f"ann{number}@mail.example",
    }
    return replace(_TYPICAL, **(own | changes))


def block(number=1, **changes):
    """An opt-out of the address of `message(number)`, for all brands and purposes, stated now."""
    typical = AddressBlock(
        channel="email",
        address=f"ann{number}@mail.example",
        brand=None,
        purpose=None,
        kind="opt_out",
        stated_at=NOON,
        source="preference_page",
    )
    return replace(typical, **changes)


def claim(journal: Journal, limit=100, at=NOON, **more) -> list[Claimed]:
    """Claim from the usual destination."""
    return journal.claim(DESTINATION, limit, at, "worker", **more)


def claimed_ids(journal: Journal, limit=100, at=NOON) -> list[str]:
    """Claim, and return message ids in order."""
    return [one.message_id for one in claim(journal, limit, at)]


def state_of(journal: Journal, message_id="m1") -> str:
    """The state of a message with its reason, as `state` or `state: reason`."""
    row = journal.message(message_id)
    assert row is not None
    return f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]
