import json
import smtplib
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from standardwebhooks import Webhook

from examples.retail.receivers import Receivers


@pytest.fixture
def receivers(tmp_path):
    with Receivers(tmp_path) as running:
        yield running


def post(url, secret, id_, body, name="sms_gateway"):
    at = datetime.now(UTC).replace(tzinfo=None)
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.replace(tzinfo=UTC).timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, body),
    }
    request = urllib.request.Request(url, body.encode(), headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_webhook_is_logged_as_accepted_then_as_repeated_and_a_forged_one_as_refused(receivers):
    url = receivers.environment["SMS_GATEWAY_URL"]
    secret = receivers.environment["SMS_GATEWAY_SECRET"]
    body = json.dumps({"type": "message.send", "data": {"to": "+1555", "text": "hello"}})
    other = receivers.environment["CRM_TASKS_SECRET"]
    answers = [post(url, key, "m1", body) for key in (secret, secret, other)]
    assert answers == [204, 204, 401]
    events = receivers.log.events()
    assert [event["status"] for event in events] == ["accepted", "repeated", "refused"]
    assert {event["webhook_id"] for event in events} == {"m1"}


def test_mails_are_kept_and_shown_escaped(receivers, tmp_path):
    mail = EmailMessage()
    mail["From"], mail["To"] = "shop@mail.example", "ann@mail.example"
    mail["Subject"], mail["Message-ID"] = "Hello <b>", "<m1@shop.example>"
    mail.set_content("<script>alert(1)</script>")
    port = int(receivers.environment["SHOP_MAIL_PORT"])
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(mail)
    receivers.log.write_inbox()
    page = (tmp_path / "inbox.html").read_text()
    assert sorted(file.name for file in (tmp_path / "mails").iterdir()) == ["m1.2.eml", "m1.eml"]
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    assert "Hello &lt;b&gt;" in page
    assert [event["message_id"] for event in receivers.log.events()] == ["m1", "m1"]
