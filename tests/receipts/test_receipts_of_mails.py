import base64

import pytest
from claiming import claim_once
from cryptography.hazmat.primitives.asymmetric import ec
from landed import rows, told
from providers import NOW, OTHER_KEY, config, event, mail

from activation.destinations.receiver import Call
from activation.destinations.sendgrid import receipts
from baton.journal import Answer, Verdict

ANN = "ann@mail.example"
BOUNCE, COMPLAINT = ("email", "bounce", None), ("email", "complaint", None)
NOES = [("email", "opt_out", "marketing"), ("email", "opt_out", "sales")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event("delivered"), ("delivered", [], "delivered")),
        (event("bounce", type="bounce", status="5.1.1", reason=f"550 {ANN} unknown"),
         ("bounced", [BOUNCE], "bounced")),
        (event("bounce", type="blocked"), ("bounced", [], "accepted")),
        (event("dropped", reason="Bounced Address"), ("bounced", [BOUNCE], "bounced")),
        (event("dropped", reason="Invalid"), ("bounced", [BOUNCE], "bounced")),
        (event("dropped", reason="Invalid SMTPAPI header"), ("failed", [], "accepted")),
        (event("dropped", reason="Unsubscribed Address"), ("unsubscribed", NOES, "accepted")),
        (event("dropped", reason="Spam Reporting Address"),
         ("complained", [COMPLAINT], "accepted")),
        (event("spamreport"), ("complained", [COMPLAINT], "accepted")),
        (event("unsubscribe"), ("unsubscribed", NOES, "accepted")),
        (event("group_unsubscribe", asm_group_id=12), ("unsubscribed", NOES, "accepted")),
        (event("open"), ("opened", [], "accepted")),
        (event("click"), ("clicked", [], "accepted")),
    ],
)  # fmt: skip
def test_an_event_is_in_the_journal_and_landed_when_it_is_answered(
    receiving, accept, given, expected
):
    journal, landing, calls, blocks = receiving
    status, blocked, state = expected
    accept(mail())
    answer = calls.mails([given])
    assert (answer.status_code, answer.json()) == (200, {"reports": 1, "bad": 0, "ignored": 0})
    assert blocks() == blocked
    assert journal.message("m1")["state"] == state
    assert told(landing) == [("mails:sg1", "m1", ANN, status)]


def test_a_landed_row_says_what_the_source_declares_and_no_text_of_the_provider(landing, calls):
    calls.mails([event("bounce", type="blocked", status="5.7.1", reason=f"{ANN} is full")])
    (row,) = rows(landing)
    assert row == {
        "receipt_id": "mails:sg1",
        "provider": "mails",
        "message_id": "m1",
        "channel": "email",
        "address": ANN,
        "status": "bounced",
        "reason": "sendgrid bounce 5.7.1",
        "occurred_at": "2026-03-02T12:00:00",
        "suppressed_until": "2026-03-05T12:00:00",
    }


@pytest.mark.parametrize("kind", ["processed", "deferred", "group_resubscribe", "account_x"])
def test_other_events_are_ignored_and_a_resubscription_is_no_consent(landing, calls, blocks, kind):
    answer = calls.mails([event(kind), event("open", sg_machine_open=True)])
    assert answer.json() == {"reports": 0, "bad": 0, "ignored": 2}
    assert (told(landing), blocks()) == ([], [])


@pytest.mark.parametrize(
    "bad",
    [
        "text", 7, None, [], {},
        event("bounce", email=None), event("bounce", email="two@at@signs"),
        event("bounce", timestamp=None), event("bounce", timestamp="yesterday"),
        event("bounce", timestamp=1e30), event("bounce", timestamp=True),
        event("bounce", sg_event_id=None), event("bounce", sg_event_id="x" * 300),
        {"event": 7},
    ],
)  # fmt: skip
def test_a_bad_event_is_kept_for_quarantine_and_stops_no_good_one(landing, calls, blocks, bad):
    answer = calls.mails([bad, event("spamreport", 2)])
    assert answer.json() == {"reports": 1, "bad": 1, "ignored": 0}
    assert blocks() == [("email", "complaint", None)]
    received = [row["received"] for row in rows(landing) if "received" in row]
    assert received == [bad]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"'])
def test_a_body_that_is_no_json_is_kept_too(landing, calls, body):
    answer = calls.mails(body)
    assert answer.json() == {"reports": 0, "bad": 1, "ignored": 0}
    assert [set(row) for row in rows(landing)] == [{"provider", "received"}]


def test_what_is_not_signed_by_the_account_changes_nothing(landing, calls, blocks, accept):
    accept(mail())
    good = [event("spamreport")]
    header = "X-Twilio-Email-Event-Webhook-Signature"
    answers = [
        calls.mails(good, key=OTHER_KEY),
        calls.mails(good, **{header: ""}),
        calls.mails(good, **{header: "%%%"}),
        calls.mails(good, **{header: base64.b64encode(b"no signature").decode()}),
        calls.mails(good, **{"X-Twilio-Email-Event-Webhook-Timestamp": "1772452801"}),
        calls.client.post("/receipts/mails", json=good),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert (told(landing), blocks()) == ([], [])


def test_a_signature_over_another_curve_or_of_another_destination_does_not_hold(calls):
    other_curve = ec.generate_private_key(ec.SECP384R1())
    assert calls.mails([event("open")], key=other_curve).status_code == 403
    assert calls.mails([event("open")], name="gateway").status_code == 403
    assert calls.mails([event("open")], name="texts").status_code == 403


def test_the_vendors_published_example_of_a_signature_holds():
    key = (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcw"
        "HBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
    )
    signature = (
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSz"
        "oQsbVRamr2nlxFDWYNH2j/0="
    )
    settings = config().destination("mails").settings.model_copy(update={"receipts_key": key})
    headers = {
        "x-twilio-email-event-webhook-timestamp": "1588788367",
        "x-twilio-email-event-webhook-signature": signature,
    }
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    assert receipts.is_genuine(Call("mails", "", headers, body, NOW), settings)
    assert not receipts.is_genuine(Call("mails", "", headers, body + b" ", NOW), settings)


def test_the_same_request_again_and_any_order_change_nothing_more(
    journal, landing, calls, blocks, accept
):
    accept(mail())
    bounce, delivered = event("bounce", 1, type="bounce"), event("delivered", 2)
    for events in ([bounce], [delivered], [bounce], [delivered, bounce], [delivered, bounce]):
        assert calls.mails(events).status_code == 200
    assert journal.message("m1")["state"] == "bounced"
    assert blocks() == [("email", "bounce", None)]
    assert sorted(set(told(landing))) == [
        ("mails:sg1", "m1", ANN, "bounced"),
        ("mails:sg2", "m1", ANN, "delivered"),
    ]
    assert len(list((landing / "messaging").iterdir())) == 3


def test_a_receipt_that_overtakes_the_answer_counts(journal, calls, accept):
    claimed = accept(mail(), "claimed")
    calls.mails([event("delivered")])
    late = Answer(claimed.attempt_id, "http 202", (Verdict("m1", "accepted", "http 202"),))
    assert journal.record([late], NOW) == {}
    assert journal.message("m1")["state"] == "delivered"
    assert [one["verdict"] for one in journal.attempts("m1")] == ["accepted"]


def test_a_receipt_ends_the_doubt_about_a_message(journal, calls, accept):
    accept(mail(), "retry", reason="http 500", next_try_at=NOW, may_be_sent=True)
    calls.mails([event("delivered")])
    assert journal.message("m1")["state"] == "delivered"
    assert claim_once(journal, "mails", 1, NOW) == []


def test_a_receipt_of_a_message_that_was_surely_not_sent_is_not_believed(journal, calls, accept):
    accept(mail(), "retry", reason="http 429", next_try_at=NOW)
    calls.mails([event("delivered")])
    assert journal.message("m1")["state"] == "retry"


def test_who_complains_gets_nothing_more_from_that_moment_on(journal, calls):
    calls.mails([event("spamreport", message_id=None)])
    journal.hand_over([mail()], checked_at=NOW)
    assert claim_once(journal, "mails", 1, NOW) == []
    assert journal.message("m1")["reason"] == "suppressed"


def test_an_opt_out_of_a_clock_that_is_ahead_yields_to_the_next_yes(journal, calls):
    calls.mails([event("unsubscribe", timestamp=4_102_444_800)])
    later = NOW.replace(hour=13)
    journal.set_simulated_time(later)
    yes = mail(message_class="marketing", consent_at=NOW.replace(minute=30))
    journal.hand_over([yes], checked_at=later)
    assert [one.message_id for one in claim_once(journal, "mails", 1, later)] == ["m1"]
