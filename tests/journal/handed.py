"""Messages for the tests of the journal: one by default, changed by keyword."""

from dataclasses import replace
from datetime import datetime, timedelta

from claiming import claim_once
from sqlalchemy import create_engine, text

from baton.journal import AddressBlock, Claimed, HandedMessage, Journal
from baton.journal.schema import metadata

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
    """Claim from the usual destination, as a worker that dies at once."""
    return claim_once(journal, DESTINATION, limit, at, **more)


def claimed_ids(journal: Journal, limit=100, at=NOON) -> list[str]:
    """Claim, and return message ids in order."""
    return [one.message_id for one in claim(journal, limit, at)]


def state_of(journal: Journal, message_id="m1") -> str:
    """The state of a message with its reason, as `state` or `state: reason`."""
    row = journal.message(message_id)
    assert row is not None
    return f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]


def open_at_once(target, **more) -> Journal:
    """Open a journal whose dead workers' claims are settled at once, on either store."""
    return Journal.open(target, grace=timedelta(0), **more)


def url_of(target) -> str:
    """The SQLAlchemy URL of a path or URL."""
    return target if "://" in str(target) else f"sqlite:///{target}"


def everything_stored(target) -> bytes:
    """All that a journal keeps: the bytes of its files, or the rows of its tables."""
    if url_of(target) != target:
        files = target.parent.glob(f"{target.name}*")
        return b"".join(file.read_bytes() for file in files)
    with create_engine(target).connect() as connection:
        rows = [
            row[0]
            for table in metadata.sorted_tables
            for row in connection.execute(text(f"select t::text from {table.name} as t"))
        ]
    return "\n".join(rows).encode()
