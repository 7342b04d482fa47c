import time

import pytest
from landed import rows, told
from providers import NOW, SECRET, report, text
from standardwebhooks import Webhook

ANN = "+15550100201"
BOUNCE, STOP = ("sms", "bounce", None), ("sms", "stop", None)
NOES = [("sms", "opt_out", "marketing"), ("sms", "opt_out", "sales")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (report("delivered"), ("delivered", [], "delivered")),
        (report("bounced", reason="no_such_number"), ("bounced", [BOUNCE], "bounced")),
        (report("bounced", suppressed_until="2026-03-04T12:00:00+02:00"),
         ("bounced", [], "accepted")),
        (report("complained"), ("complained", [("sms", "complaint", None)], "accepted")),
        (report("stopped"), ("stopped", [STOP], "accepted")),
        (report("stopped", message_id=None), ("stopped", [STOP], "accepted")),
        (report("stopped", address=None), ("stopped", [STOP], "accepted")),
        (report("unsubscribed"), ("unsubscribed", NOES, "accepted")),
        (report("started"), ("started", [], "accepted")),
        (report("failed"), ("failed", [], "accepted")),
        (report("opened"), ("opened", [], "accepted")),
    ],
)  # fmt: skip
def test_a_report_is_in_the_journal_and_landed_when_it_is_answered(
    receiving, accept, given, expected
):
    journal, landing, calls, blocks = receiving
    status, blocked, state = expected
    accept(text(destination="gateway"))
    assert calls.gateway(given).json() == {"reports": 1, "bad": 0, "ignored": 0}
    assert blocks() == blocked
    assert journal.message("m1")["state"] == state
    data = given["data"]
    assert told(landing) == [("gateway:e1", data["message_id"], data["address"], status)]


def test_times_land_as_utc(landing, calls):
    given = report("bounced", suppressed_until="2026-03-04T12:00:00+02:00")
    calls.gateway(given | {"timestamp": "2026-03-02T13:00:00+01:00"})
    (row,) = rows(landing)
    assert row["occurred_at"] == "2026-03-02T12:00:00"
    assert row["suppressed_until"] == "2026-03-04T10:00:00"


@pytest.mark.parametrize(
    "bad",
    [
        b"{", [], "text", {}, {"type": "message.delivered"}, report("lost"),
        report("delivered", message_id=None, address=None),
        report("delivered", channel="pigeon"), report("stopped", address="nobody"),
        report("stopped", address="+1 555"), report("stopped", channel="email"),
        report("delivered", channel=["sms"]),
        report("bounced", suppressed_until="later"),
        report("delivered") | {"type": ["message.delivered"]},
        report("delivered") | {"timestamp": "noon"}, report("delivered") | {"data": []},
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_kept_for_quarantine(landing, calls, blocks, bad):
    assert calls.gateway(bad).json() == {"reports": 0, "bad": 1, "ignored": 0}
    assert [set(row) for row in rows(landing)] == [{"provider", "received"}]
    assert blocks() == []


def test_events_of_other_kinds_are_ignored(landing, calls):
    given = {"type": "number.bought", "timestamp": "2026-03-02T11:59:00Z", "data": {}}
    assert calls.gateway(given).json() == {"reports": 0, "bad": 0, "ignored": 1}
    assert told(landing) == []


def test_what_is_not_signed_with_the_secret_or_is_old_changes_nothing(landing, calls, blocks):
    given = report("stopped")
    answers = [
        calls.gateway(given, key="whsec_" + "A" * 32),
        calls.gateway(given, at=int(time.time()) - 3600),
        calls.gateway(given, at=int(time.time()) + 3600),
        calls.gateway(given, at="never"),
        calls.gateway(given, at="9" * 400),
        calls.gateway(given, **{"webhook-id": "e2"}),
        calls.gateway(given, **{"webhook-signature": "v1,%%%"}),
        calls.gateway(given, **{"webhook-signature": "v1"}),
        calls.gateway(given, **{"webhook-signature": "v2,AAAA"}),
        calls.gateway(b"\xff"),
        calls.client.post("/receipts/gateway", json=given),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert (told(landing), blocks()) == ([], [])


def test_the_reference_library_of_the_standard_signs_the_same(calls):
    body = '{"type": "x"}'
    at = time.time()
    signature = Webhook(SECRET).sign("e7", NOW.fromtimestamp(at), body)
    answer = calls.gateway(body.encode(), event_id="e7", at=int(at))
    assert answer.request.headers["webhook-signature"] == signature


@pytest.mark.parametrize("name", ["tasks", "elsewhere", "nobody", "..%2Fmails", "%00"])
def test_a_destination_that_may_not_report_is_not_there(calls, name):
    answer = calls.gateway(report("stopped"), name=name)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_only_posts_are_taken_and_no_body_larger_than_4_mib(calls, landing):
    assert calls.client.get("/receipts/gateway").status_code == 405
    answer = calls.gateway(b"x" * (4 * 2**20 + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"
    assert told(landing) == []
