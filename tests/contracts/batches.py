"""What is sent in these tests: claimed messages and changed rows, of invented people."""

from dataclasses import replace
from datetime import datetime, timedelta

from activation.config import DestinationsConfig
from activation.exchange import Change, HttpAnswer, Outgoing
from baton.journal import Claimed

NOON = datetime(2026, 3, 2, 12, 0)
LINK_KEY = "a-key-of-the-tests-long-enough-to-be-one"
LINK = "https://serve.example/u/a.b"
_CLAIMED = Claimed(
    message_id="m1",
    attempt_id="a1",
    candidate_id="c1",
    instance_id="i1",
    journey="quote_stalled",
    action="remind",
    node_id="n1",
    person_id="p1",
    contact_point_id="cp1",
    channel="email",
    destination="tool",
    message_class="marketing",
    brand="shop",
    template="quote_reminder",
    tries=0,
    expires_at=NOON + timedelta(hours=2),
    handed_at=NOON - timedelta(minutes=5),
    address="ann@mail.example",
)
_MAIL_PARTS = {"subject": "Your quote", "text": "Still good.", "html": "<p>Still good.</p>"}


def mail(*, parts=_MAIL_PARTS, link=None, **changes):
    """A marketing mail to Ann."""
    return Outgoing(replace(_CLAIMED, **changes), parts, link)


def text(content="Your quote is still good.", **changes):
    """A text message to Ann."""
    own = {"channel": "sms", "address": "+15550100201"}
    return Outgoing(replace(_CLAIMED, **(own | changes)), {"text": content})


def task(title="Call Ann", content="About quote Q-17", **changes):
    """A task for the own people."""
    own = {"channel": "crm_task", "address": None, "contact_point_id": None}
    return Outgoing(replace(_CLAIMED, **(own | changes)), {"title": title, "text": content})


def change(number=1, op="upsert", **fields):
    """A row of a sync, by its e-mail."""
    return Change(f"row{number}", op, {"email": f"ann{number}@mail.example"} | fields)


def settings_of(kind, **values):
    """Settings as destinations.yml gives them."""
    config = DestinationsConfig(None, 15, {"tool": {"type": kind} | values}, {})
    return config.destination("tool")


def answer(status, body=b"", **headers):
    """An answer of a tool."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, named, body.encode() if isinstance(body, str) else body)


def outcomes(verdicts):
    """Verdicts in short."""
    return [(one.outcome, one.reason) for one in verdicts]
