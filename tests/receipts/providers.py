"""Providers that report, by their own code for signatures, and what they report about."""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from topic import ARN

from activation import DestinationsConfig
from baton.journal import HandedMessage

NOW = datetime(2026, 3, 2, 12, 0)
PUBLIC = "https://serve.example"
TOKEN = "token-of-tests"
MAIL_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 24+").decode()
_BRAND = {"domain": "shop.example", "sender": "hello@shop.example", "name": "Shop"}

_TYPICAL = HandedMessage(
    message_id="m1",
    candidate_id="c1",
    instance_id="i1",
    journey="j",
    action="a",
    release_id="r",
    card_hash="h",
    node_id="n1",
    person_id="p1",
    contact_point_id="cp1",
    channel="email",
    destination="mails",
    message_class="service",
    brand="shop",
    template="t",
    priority=1,
    expires_at=NOW + timedelta(days=2),
    consent_at=NOW - timedelta(days=30),
    address="ann@mail.example",
)


def mail(**changes):
    """A mail to Ann by SendGrid."""
    return replace(_TYPICAL, **changes)


def text(**changes):
    """A text message to Ann by Twilio."""
    own = {"channel": "sms", "destination": "texts", "address": "+15550100201"}
    return replace(_TYPICAL, **(own | changes))


def encoded_key(key):
    """A public key as SendGrid shows it."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def config(public=PUBLIC):
    """Four destinations that report, one that may not, and one that is not set up here."""
    brands = {"default": _BRAND}
    return DestinationsConfig(
        None,
        15,
        {
            "mails": {"type": "sendgrid", "api_key": "SG.x", "brands": brands,
                      "receipts_key": encoded_key(MAIL_KEY)},
            "texts": {"type": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": TOKEN,
                      "public_url": public, "brands": {"default": {"number": "+15550100300"}}},
            "amazon": {"type": "ses", "region": "eu-central-1", "access_key": "AKIDEXAMPLE",
                       "secret_key": "x", "brands": brands, "receipts_topic": ARN},
            "gateway": {"type": "webhook", "url": "https://sms.example", "secret": SECRET,
                        "event_type": "send", "receipts_secret": SECRET},
            "tasks": {"type": "webhook", "url": "https://crm.example", "secret": SECRET,
                      "event_type": "task"},
            "elsewhere": {"type": "webhook", "url": "${NOT_SET_HERE}", "secret": SECRET,
                          "event_type": "x", "receipts_secret": SECRET},
        },
        {},
    )  # fmt: skip


class Caller:
    """Calls `/receipts/…` of a service as each provider does."""

    def __init__(self, client, public=PUBLIC):
        self.client = client
        self.public = public

    def mails(self, events, *, key=MAIL_KEY, at="1772452800", name="mails", **headers):
        """SendGrid's event webhook."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        signature = key.sign(at.encode() + body, ec.ECDSA(SHA256()))
        given = {
            "content-type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": at,
        }
        return self.client.post(f"/receipts/{name}", content=body, headers=given | headers)

    def texts(self, form, query="", *, token=TOKEN, name="texts", **headers):
        """Twilio's callbacks."""
        path = f"/receipts/{name}{query}"
        signed = self.public + path
        for field in sorted(form):
            signed += field + form[field]
        digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
        given = {
            "content-type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
        }
        body = urllib.parse.urlencode(form)
        return self.client.post(path, content=body, headers=given | headers)

    def gateway(self, content, *, event_id="e1", at=None, key=SECRET, name="gateway", **headers):
        """A gateway of one's own, by Standard Webhooks."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(int(time.time()) if at is None else at)
        secret = base64.b64decode(key.removeprefix("whsec_"))
        signed = f"{event_id}.{stamp}.".encode() + body
        digest = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        given = {
            "webhook-id": event_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{digest}",
        }
        return self.client.post(f"/receipts/{name}", content=body, headers=given | headers)


def event(kind, number=1, **more):
    """An event of SendGrid about Ann's mail."""
    known = {
        "event": kind,
        "email": "ann@mail.example",
        "timestamp": 1772452800,
        "sg_event_id": f"sg{number}",
        "message_id": "m1",
    }
    return {name: value for name, value in (known | more).items() if value is not None}


def status(told, **more):
    """A status callback of Twilio about Ann's text."""
    return {"MessageSid": "SM1", "MessageStatus": told, "To": "+15550100201",
            "From": "+15550100300", "AccountSid": "AC" + "0" * 32} | more  # fmt: skip


def word(body, **more):
    """A text that Ann sent."""
    return {"MessageSid": "SM9", "SmsStatus": "received", "From": "+15550100201",
            "To": "+15550100300", "Body": body} | more  # fmt: skip


def report(kind, **data):
    """A receipt of the gateway."""
    known = {"message_id": "m1", "channel": "sms", "address": "+15550100201"}
    at = "2026-03-02T11:59:00Z"
    return {"type": f"message.{kind}", "timestamp": at, "data": known | data}
