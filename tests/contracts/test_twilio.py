import json
from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from batches import NOON, answer, outcomes, settings_of, text
from claiming import claim_once
from exchanging import exchanged
from published import contract
from pydantic import ValidationError

from activation.destinations.twilio import messages as twilio
from activation.exchange import Failure, HttpRequest, Unsendable
from activation.retries import decide
from baton.errors import UsageError
from baton.journal import Answer, HandedMessage, Journal

ACCOUNT = "AC" + "0" * 32
SERVICE = "MG" + "1" * 32
CONTRACT = "twilio/messages.subset.json"
ACCESS = {"account_sid": ACCOUNT, "auth_token": "token-of-tests"}
BRANDS = {"default": {"number": "+15550100300"}, "garden": {"messaging_service": SERVICE}}


def configured(**changes):
    return settings_of("twilio", **(ACCESS | {"brands": BRANDS} | changes)).settings


def fields(request):
    return {name: value for name, [value] in parse_qs(request.content.decode()).items()}


def built(item, **changes):
    return twilio.build([item], configured(**changes), NOON)


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        (text(), {}),
        (text(brand="garden"), {}),
        (text(), {"public_url": "https://serve.example"}),
        (text("Ünïcode & =?+ 🙂"), {"api_key": "SK" + "2" * 32, "api_secret": "s"}),
    ],
)
def test_a_message_conforms_to_the_published_contract(item, changes):
    contract(CONTRACT).accepts(built(item, **changes))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To=", b"Too="),
        (b"To=%2B15550100201", b""),
        (b"MessagingServiceSid=MG1", b"MessagingServiceSid=XX1"),
        (b"ValidityPeriod=7200", b"ValidityPeriod=soon"),
    ],
)
def test_a_wrong_message_is_refused_by_the_same_contract(old, new):
    good = built(text(brand="garden"))
    assert old in good.content
    bad = HttpRequest("POST", good.url, good.headers, good.content.replace(old, new))
    assert contract(CONTRACT).refuses(bad)


def test_a_look_up_conforms_to_the_published_contract_and_a_wrong_one_is_refused():
    asked = twilio.look_up(text(), configured(), NOON)
    contract(CONTRACT).accepts(asked)
    for wrong in ("PageSize=many", "PageSize=5000", "Recipient=1"):
        bad = HttpRequest("GET", asked.url.replace("PageSize=1000", wrong), asked.headers, b"")
        assert contract(CONTRACT).refuses(bad)


def test_a_request_names_number_text_sender_and_where_receipts_go():
    request = built(text(), public_url="https://serve.example/base")
    assert fields(request) == {
        "To": "+15550100201",
        "Body": "Your quote is still good.",
        "From": "+15550100300",
        "StatusCallback": "https://serve.example/base/receipts/tool?message_id=m1",
        "ValidityPeriod": "7200",
    }
    assert b64decode(request.headers["authorization"].split()[1]) == (
        f"{ACCOUNT}:token-of-tests".encode()
    )


def test_a_brand_sends_by_its_own_service_and_an_api_key_signs_where_there_is_one():
    request = built(text(brand="garden"), api_key="SK" + "2" * 32, api_secret="of the key")
    assert fields(request)["MessagingServiceSid"] == SERVICE
    assert "From" not in fields(request)
    assert b64decode(request.headers["authorization"].split()[1]).endswith(b":of the key")


@pytest.mark.parametrize("left", [timedelta(seconds=3), timedelta(hours=10), -timedelta(days=1)])
def test_the_queue_keeps_its_own_limit_where_expiry_is_no_use_to_it(left):
    assert "ValidityPeriod" not in fields(built(text(expires_at=NOON + left)))


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (text(address="5550100201"), "address_not_usable"),
        (text(address=None), "address_not_usable"),
        (text(address="+1555010020x"), "address_not_usable"),
        (text(" \n"), "text_is_empty"),
        (text("x" * 1601), "text_longer_than 1600"),
    ],
)
def test_what_twilio_cannot_carry_is_unsendable(item, why):
    with pytest.raises(Unsendable) as found:
        built(item)
    assert found.value.reason == why


def error(status, code):
    return answer(status, json.dumps({"code": code, "message": "+15550100201 …"}))


@pytest.mark.parametrize(
    ("response", "outcome", "reason"),
    [
        (answer(201, '{"sid": "SM1", "status": "queued"}'), "accepted", "http 201"),
        (error(400, 21211), "bounced", "twilio 21211"),
        (error(400, 21614), "bounced", "twilio 21614"),
        (error(400, 21610), "opted_out", "twilio 21610"),
        (error(400, 21408), "rejected", "twilio 21408"),
        (error(400, 21611), "throttled", "twilio 21611"),
        (error(400, 21606), "throttled", "twilio 21606"),
        (error(429, 20429), "throttled", "http 429"),
        (error(401, 20003), "throttled", "http 401"),
        (error(403, 20008), "throttled", "http 403"),
        (error(404, 20404), "throttled", "twilio 20404"),
        (answer(400, "no JSON"), "rejected", "http 400"),
        (error(500, 20500), "ambiguous", "http 500"),
        (answer(408), "ambiguous", "http 408"),
        (Failure("not_sent", "http refused"), "not_sent", "http refused"),
        (Failure("ambiguous", "http TimeoutError"), "ambiguous", "http TimeoutError"),
    ],
)
def test_the_verdict_follows_status_and_code(response, outcome, reason):
    assert outcomes(twilio.verdicts(response, [text()])) == [(outcome, reason)]


def test_what_is_wrong_with_our_settings_switches_the_destination_off():
    for status, code in ((401, 20003), (403, 1), (404, 20404), (400, 21606), (400, 21703)):
        (verdict,) = twilio.verdicts(error(status, code), [text()])
        assert verdict.disable
    (verdict,) = twilio.verdicts(error(400, 21408), [text()])
    assert not verdict.disable


def test_the_providers_id_and_the_wait_it_asks_for_are_kept():
    (taken,) = twilio.verdicts(answer(201, '{"sid": "SM1"}'), [text()])
    (throttled,) = twilio.verdicts(answer(429, "{}", retry_after="7"), [text()])
    assert (taken.provider_id, throttled.retry_after) == ("SM1", 7)


def listed(*messages, **more):
    return answer(200, json.dumps({"messages": messages} | more))


def message(body, created="Mon, 02 Mar 2026 11:58:00 +0000", direction="outbound-api"):
    return {"body": body, "date_created": created, "direction": direction}


@pytest.mark.parametrize(
    ("response", "is_there"),
    [
        (listed(), False),
        (listed(message("Your quote is still good.")), True),
        (listed(message("Your quote is still good. ")), True),
        (listed(message("Something else")), None),
        (listed(message("Your quote is still good.", direction="inbound")), False),
        (listed(message("Your quote is still good.", "Mon, 02 Mar 2026 09:00:00 +0000")), False),
        (listed(message("Your quote is still good.", "no date")), True),
        (listed(next_page_uri="/more"), None),
        (answer(200, "no JSON"), None),
        (answer(500), None),
        (Failure("ambiguous", "http reset"), None),
    ],
)
def test_a_message_in_doubt_is_found_by_its_text_since_the_hand_over(response, is_there):
    assert twilio.found(response, text()) is is_there


@pytest.mark.parametrize(
    "changes",
    [
        {"auth_token": None},
        {"api_key": "SK" + "2" * 32},
        {"account_sid": "AC1"},
        {"brands": {"garden": {"number": "+1"}}},
        {"brands": {"default": {}}},
        {"brands": {"default": {"number": "+1", "messaging_service": SERVICE}}},
        {"url": "http://api.example"},
        {"public_url": "http://serve.example"},
    ],
)
def test_settings_that_cannot_work_are_told_at_once(changes):
    with pytest.raises((UsageError, ValidationError)):
        configured(**changes)


def test_secrets_show_in_no_repr():
    settings = configured(api_key="SK" + "2" * 32, api_secret="planted")
    request = twilio.build([text()], settings, NOON)
    for planted in ("token-of-tests", "planted", "+15550100201", "still good"):
        assert planted not in repr(settings) + repr(request)


def test_who_has_opted_out_at_twilio_is_blocked_from_the_verdict_on(tmp_path):
    first = HandedMessage(
        message_id="m1", candidate_id="c1", instance_id="i1", journey="j", action="a",
        release_id="r", card_hash="h", node_id="n1", person_id="p1", contact_point_id="cp1",
        channel="sms", destination="tool", message_class="service", brand="shop", template="t",
        priority=1, expires_at=NOON + timedelta(days=1), consent_at=NOON - timedelta(days=9),
        address="+15550100201",
    )  # fmt: skip
    again = HandedMessage(**(vars(first) | {"message_id": "m2", "candidate_id": "c2"}))
    with Journal.open(tmp_path / "baton.journal.db") as journal:
        journal.set_simulated_time(NOON)
        journal.hand_over([first], checked_at=NOON)
        (claimed,) = claim_once(journal, "tool", 1, NOON)
        item = text(**{"message_id": "m1", "attempt_id": claimed.attempt_id})
        (told,) = twilio.verdicts(error(400, 21610), [item])
        verdict = decide(told, claimed, retry_class="X", now=NOON)
        journal.record([Answer(claimed.attempt_id, told.reason, (verdict,))], NOON)
        journal.hand_over([again], checked_at=NOON)
        assert claim_once(journal, "tool", 1, NOON) == []
        states = [(row["state"], row["reason"]) for row in map(journal.message, ("m1", "m2"))]
    assert states == [("dead", "opted_out"), ("cancelled", "suppressed")]


def test_what_leaves_is_what_was_built():
    body = '{"sid": "SM1"}'
    exchange, seen = exchanged(
        lambda url: twilio.build([text("1 + 1 = 2 & more")], configured(url=url), NOON), (201, body)
    )
    (method, path, content) = seen[0]
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert parse_qs(content)["Body"] == ["1 + 1 = 2 & more"]
    assert twilio.verdicts(exchange.response, [text()])[0].provider_id == "SM1"
    _, asked = exchanged(lambda url: twilio.look_up(text(), configured(url=url), NOON), (200, "{}"))
    assert asked[0][1].partition("?")[2] == "To=%2B15550100201&PageSize=1000"
