"""A topic of SNS that signs as AWS does, and the certificate that it is verified with."""

import base64
import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

ARN = "arn:aws:sns:eu-central-1:123456789012:mails"
SNS = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{SNS}/SimpleNotificationService-0123abcd.pem"
CONFIRM = f"{SNS}/?Action=ConfirmSubscription&TopicArn={ARN}&Token=t1"
_FIELDS = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": [
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ],
}  # fmt: skip


def _certified(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


class Topic:
    """What AWS has behind its addresses, and a caller of `/receipts/amazon`."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.contents = {CERTIFICATE: _certified(self.key), CONFIRM: b"<Confirmed/>"}
        self.visited = []

    async def fetch(self, url):
        """The way by which the service asks AWS."""
        self.visited.append(url)
        found = self.contents.get(url)
        if isinstance(found, Exception):
            raise found
        return found

    def post(self, client, event, *, key=None, name="amazon", hash_=None, **changes):
        """Publish an event; `changes` are made before it is signed, `hash_` signs by another."""
        body = {
            "Type": "Notification",
            "MessageId": "sns-1",
            "TopicArn": ARN,
            "Message": event if isinstance(event, str) else json.dumps(event),
            "Timestamp": "2026-03-02T11:59:00.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": CERTIFICATE,
        } | changes
        fields = [one for one in _FIELDS[body["Type"]] if one in body]
        text = "".join(f"{field}\n{body[field]}\n" for field in fields)
        signer = (key or self.key).sign(text.encode(), padding.PKCS1v15(), hash_ or SHA256())
        body["Signature"] = base64.b64encode(signer).decode()
        return client.post(f"/receipts/{name}", content=json.dumps(body))

    def ask(self, client, **changes):
        """Ask whether anybody is there."""
        own = {"Type": "SubscriptionConfirmation", "Token": "t1", "SubscribeURL": CONFIRM}
        return self.post(client, "You have chosen to subscribe", **(own | changes))


def event(kind="Bounce", by_set=True, **about):
    """What SES says of a mail to Ann: an event of a configuration set, or a notification."""
    mail = {
        "timestamp": "2026-03-02T11:50:00.000Z",
        "messageId": "0107",
        "destination": ["ann@mail.example"],
    }
    tags = {"tags": {"message_id": ["m1"], "ses:caller-identity": ["baton"]}}
    kinds = {"eventType": kind} if by_set else {"notificationType": kind}
    part = {"timestamp": "2026-03-02T11:58:00.000Z"} | about
    return kinds | {"mail": mail | (tags if by_set else {}), kind.lower(): part}


def bounce(kind="Permanent", by_set=True, **more):
    """A bounce of Ann's mailbox."""
    who = {
        "emailAddress": "ann@mail.example",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 ann@mail.example unknown",
    }
    return event("Bounce", by_set, bounceType=kind, bouncedRecipients=[who], **more)


def complaint():
    """Ann calls it spam."""
    who = [{"emailAddress": "ann@mail.example"}]
    return event("Complaint", complainedRecipients=who, complaintFeedbackType="abuse")


def delivery():
    """Ann's server has taken it."""
    return event("Delivery", recipients=["ann@mail.example"])
