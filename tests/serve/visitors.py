"""People with links: messages that were handed over to them, and the tokens they hold."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from baton.journal import HandedMessage
from baton.journal.clock import wall_clock
from baton.links import Link, LinkKeys
from baton.serve.keys import make_key

NOW = datetime(2026, 3, 2, 12, 0)
DAY = timedelta(days=1)
KEY = "a-key-of-the-tests-long-enough-to-be-one"
KEYS = LinkKeys(KEY)
READER = make_key("desk")
_LEAD = make_key("lead")
UNMASKER = (_LEAD[0], f"{_LEAD[1]}:unmask")

_TYPICAL = HandedMessage(
    message_id="m1",
    candidate_id="c1",
    instance_id="i1",
    journey="quote_stalled",
    action="email_quote_reminder",
    release_id="r1",
    card_hash="h1",
    node_id="entry",
    person_id="p1",
    contact_point_id="cp1",
    address_node_id="an1",
    channel="email",
    destination="shop_mail",
    message_class="marketing",
    brand="main",
    template="quote_reminder",
    priority=10,
    expires_at=NOW + 2 * DAY,
    consent_at=NOW - 30 * DAY,
    address="ann@mail.example",
)
_TEXT = {
    "message_id": "s1",
    "contact_point_id": "cp2",
    "address_node_id": "an2",
    "channel": "sms",
    "destination": "sms_gateway",
    "address": "+15550100200",
}


def mail(**changes):
    """A marketing mail to Ann, who said yes a month ago."""
    return replace(_TYPICAL, **changes)


def text(**changes):
    """A text message to Ann."""
    return replace(_TYPICAL, **(_TEXT | changes))


def own_link(**changes):
    """The link in Ann's mail, issued just now."""
    link = Link("cp1", "an1", "email", "main", "m1", wall_clock())
    return replace(link, **changes)


def statements(journal):
    """What was recorded, in short: channel, purpose, granted."""
    return [
        (row["channel"], row["purpose"], row["granted"]) for row in journal.feed("statements", 0)
    ]


def blocks(path):
    """The opt-outs in the journal, in short: channel, purpose."""
    with sqlite3.connect(path) as connection:
        return connection.execute(
            "select channel, purpose from address_blocks order by seq"
        ).fetchall()
