import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA512
from landed import rows, told
from providers import mail
from topic import ARN, CERTIFICATE, CONFIRM, SNS, bounce, complaint, delivery, event

from baton.errors import Busy

ANN = "ann@mail.example"
BOUNCE, COMPLAINT = ("email", "bounce", None), ("email", "complaint", None)
REFUSED = 403


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (delivery(), ("delivered", [], "delivered")),
        (bounce(), ("bounced", [BOUNCE], "bounced")),
        (bounce("Transient"), ("bounced", [], "accepted")),
        (bounce("Undetermined"), ("bounced", [], "accepted")),
        (complaint(), ("complained", [COMPLAINT], "accepted")),
        (event("Open"), ("opened", [], "accepted")),
        (event("Click"), ("clicked", [], "accepted")),
        (event("Reject", reason="Bad content"), ("failed", [], "accepted")),
    ],
)
def test_an_event_is_in_the_journal_and_landed_when_it_is_answered(
    receiving, topic, accept, given, expected
):
    journal, landing, calls, blocks = receiving
    status, blocked, state = expected
    accept(mail(destination="amazon"))
    answer = topic.post(calls.client, given)
    assert (answer.status_code, answer.json()) == (200, {"reports": 1, "bad": 0, "ignored": 0})
    assert blocks() == blocked
    assert journal.message("m1")["state"] == state
    assert told(landing) == [("amazon:sns-1:0", "m1", ANN, status)]


def test_a_notification_without_tags_is_about_the_address(landing, calls, blocks, topic):
    topic.post(calls.client, bounce(by_set=False))
    assert blocks() == [BOUNCE]
    assert told(landing) == [("amazon:sns-1:0", None, ANN, "bounced")]


def test_a_landed_row_says_codes_and_no_text_of_a_server(landing, calls, topic):
    topic.post(calls.client, bounce("Transient"))
    (row,) = rows(landing)
    assert row["reason"] == "ses bounce Transient 5.1.1"
    assert (row["occurred_at"], row["suppressed_until"]) == (
        "2026-03-02T11:58:00",
        "2026-03-05T11:58:00",
    )


def test_the_same_report_again_changes_nothing_and_its_certificate_is_asked_for_once(
    landing, calls, blocks, topic
):
    for _ in range(2):
        assert topic.post(calls.client, bounce()).status_code == 200
    assert (blocks(), len(rows(landing)), topic.visited) == ([BOUNCE], 1, [CERTIFICATE])


@pytest.mark.parametrize("given", [event("DeliveryDelay"), event("Send"), "hello", '["x"]'])
def test_other_events_are_ignored(calls, topic, given):
    assert topic.post(calls.client, given).json() == {"reports": 0, "bad": 0, "ignored": 1}


def test_an_event_about_nobody_lands_as_bad(landing, calls, topic):
    wrong = bounce()
    wrong["bounce"]["bouncedRecipients"] = [{"emailAddress": "nobody"}]
    assert topic.post(calls.client, wrong).json() == {"reports": 0, "bad": 1, "ignored": 0}
    assert len(rows(landing)) == 1


OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER},
        {"hash_": SHA512()},
        {"SignatureVersion": "1"},
        {"TopicArn": ARN.replace("123456789012", "999999999999")},
        {"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/"
                           "SimpleNotificationService-0123abcd.pem"},
        {"SigningCertURL": f"{SNS}/x/../SimpleNotificationService-0123abcd.pem"},
        {"SigningCertURL": f"{SNS}/SimpleNotificationService-none.pem"},
        {"SigningCertURL": CERTIFICATE.replace("https", "http")},
    ],
)  # fmt: skip
def test_what_is_not_signed_by_sns_for_our_topic_is_refused(landing, calls, blocks, topic, changes):
    assert topic.post(calls.client, bounce(), **changes).status_code == REFUSED
    assert (blocks(), (landing / "messaging").exists()) == ([], False)
    assert all(url.startswith(f"{SNS}/SimpleNotificationService-") for url in topic.visited)


def test_a_changed_request_is_refused(calls, blocks, topic):
    class Forger:
        def post(self, url, content):
            body = json.loads(content)
            body["Message"] = body["Message"].replace("ann@", "bea@")
            return calls.client.post(url, content=json.dumps(body))

    assert topic.post(Forger(), bounce()).status_code == REFUSED
    assert blocks() == []


def test_a_certificate_that_cannot_be_had_now_is_asked_for_when_amazon_calls_again(
    calls, blocks, topic
):
    certificate = topic.contents[CERTIFICATE]
    topic.contents[CERTIFICATE] = Busy("no answer", where="x", mend="y")
    answer = topic.post(calls.client, bounce())
    assert (answer.status_code, "retry-after" in answer.headers, blocks()) == (503, True, [])
    topic.contents[CERTIFICATE] = certificate
    assert topic.post(calls.client, bounce()).status_code == 200


def test_a_subscription_is_confirmed_if_our_topic_asks(calls, topic):
    assert topic.ask(calls.client).status_code == 200
    assert topic.visited == [CERTIFICATE, CONFIRM]
    topic.contents[CONFIRM] = None
    assert topic.ask(calls.client).status_code == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": f"{ARN}2"},
        {"key": OTHER},
        {"SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"},
        {"SubscribeURL": "https://sns.eu-central-1.amazonaws.com.evil.example/?Action=x"},
    ],
)
def test_nothing_else_is_visited(calls, topic, changes):
    topic.ask(calls.client, **changes)
    assert set(topic.visited) <= {CERTIFICATE}
