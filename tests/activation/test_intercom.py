import json
from datetime import UTC, date, datetime

import pytest
from json_tool import (
    SECRET,
    JsonTool,
    change,
    destination,
    outcomes,
    outgoing,
    request_of,
    send,
    with_wrong,
)
from loopback import NOON
from published import contract

from activation.exchange import Failure, HttpAnswer, Unsendable

TASK = {"title": "Call Ann-Sophie about quote Q-17", "text": "She asked for an oak kitchen."}


def intercom(url="https://api.intercom.io", **settings):
    values = {
        "type": "intercom",
        "url": url,
        "token": SECRET,
        "ticket_type": "1234",
        "message_attribute": "Message id",
        "message_attribute_id": 77,
        "timeout_seconds": 2.0,
    }
    return destination(values | settings)


def conflict(text):
    return 409, {"type": "error.list", "errors": [{"code": "conflict", "message": text}]}


def body_of(request):
    return json.loads(request.content)


def test_an_unknown_contact_is_created_and_its_id_is_kept():
    row = change(own_id="p1", email="ann1@mail.example", name=None, tier="gold")
    with JsonTool((200, {"type": "contact", "id": "6762f0dd1bb69f9f2193bb83"})) as tool:
        (verdict,) = send(intercom(tool.url), "profiles", [row]).values()
    (got,) = tool.got
    assert (got.method, got.path) == ("POST", "/contacts")
    assert got.headers["intercom-version"] == "2.14"
    assert got.body == {
        "role": "user",
        "external_id": "p1",
        "email": "ann1@mail.example",
        "name": None,
        "custom_attributes": {"tier": "gold"},
    }
    assert (verdict.outcome, verdict.provider_id) == ("accepted", "6762f0dd1bb69f9f2193bb83")


def test_a_conflict_tells_the_contact_that_the_next_try_updates():
    text = "A contact matching those details already exists with id=6762f0cd1bb69f9f2193bb7c"
    with JsonTool(conflict(text), (200, {"id": "6762f0cd1bb69f9f2193bb7c"})) as tool:
        to = intercom(tool.url)
        (first,) = send(to, "profiles", [change(email="a@mail.example", tier=1)]).values()
        again = change(email="a@mail.example", tier=1, known_as=first.provider_id)
        (second,) = send(to, "profiles", [again]).values()
    assert (first.outcome, first.reason) == ("not_sent", "intercom exists_already")
    assert (tool.got[1].method, tool.got[1].path) == ("PUT", f"/contacts/{first.provider_id}")
    assert second.outcome == "accepted"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("An archived contact matching those details already exists with id=6762f0cd", "archived"),
        ("something else with ann@mail.example", "intercom conflict"),
    ],
)
def test_a_conflict_that_no_update_resolves_is_rejected_without_its_text(text, reason):
    with JsonTool(conflict(text)) as tool:
        (verdict,) = send(intercom(tool.url), "profiles", [change(email="a@mail.example")]).values()
    assert verdict.outcome == "rejected"
    assert reason in verdict.reason
    assert "ann@" not in verdict.reason


def test_a_known_contact_that_is_gone_is_rejected_by_itself():
    with JsonTool((404, {"errors": [{"code": "not_found"}]})) as tool:
        row = change(own_id="p1", known_as="6762f0cd")
        (verdict,) = send(intercom(tool.url), "profiles", [row]).values()
    assert (verdict.outcome, verdict.reason) == ("rejected", "intercom contact_gone")


def test_times_become_seconds():
    row = change(own_id="p1", signed_up_at=NOON, renews=date(2026, 3, 3))
    body = body_of(request_of(intercom(), "profiles", [row]))
    noon = int(NOON.replace(tzinfo=UTC).timestamp())
    assert body["signed_up_at"] == noon
    assert body["custom_attributes"] == {
        "renews": int(datetime(2026, 3, 3, tzinfo=UTC).timestamp())
    }


@pytest.mark.parametrize(
    ("purpose", "row", "reason"),
    [
        ("profiles", change(name="Ann"), "no_identifier"),
        ("profiles", change(own_id="p1", email=None), "cannot_be_cleared email"),
        ("profiles", change(op="remove", own_id="p1"), "deletes_no_contacts"),
        ("profiles", change(own_id="p1", unsubscribed_from_emails=False), "consent_field"),
        ("suppressions", change(phone="+15550100201"), "no_identifier"),
    ],
)
def test_a_row_that_cannot_be_sent_is_refused_with_a_code(purpose, row, reason):
    with pytest.raises(Unsendable, match=reason):
        request_of(intercom(), purpose, [row])


def test_an_opt_out_unsubscribes_an_unknown_contact_too_and_newer_consent_takes_it_back():
    to = intercom()
    row = change(email="a@mail.example", name="Ann")
    back = change(op="remove", email="a@mail.example", known_as="6762f0cd")
    assert body_of(request_of(to, "suppressions", [row])) == {
        "role": "user",
        "email": "a@mail.example",
        "unsubscribed_from_emails": True,
    }
    request = request_of(to, "suppressions", [back])
    assert (request.method, request.url) == ("PUT", "https://api.intercom.io/contacts/6762f0cd")
    assert body_of(request) == {"unsubscribed_from_emails": False}


def test_a_hand_over_becomes_a_ticket_that_carries_the_message_id():
    with JsonTool((200, {"type": "ticket", "id": "626", "ticket_id": "33"})) as tool:
        batch = [outgoing(parts=TASK, address=None)]
        (verdict,) = send(intercom(tool.url), "messages", batch).values()
    assert tool.got[0].body == {
        "ticket_type_id": "1234",
        "contacts": [{"external_id": "p1"}],
        "ticket_attributes": {
            "_default_title_": TASK["title"],
            "_default_description_": TASK["text"],
            "Message id": "m1",
        },
    }
    assert (verdict.outcome, verdict.provider_id) == ("accepted", "626")


def test_a_ticket_in_doubt_is_looked_for_by_the_message_id():
    lookup = intercom().call("messages").lookup
    request = lookup.build(outgoing(), intercom().settings, NOON)
    assert request.url.endswith("/tickets/search")
    assert body_of(request)["query"] == {
        "field": "ticket_attribute.77",
        "operator": "=",
        "value": "m1",
    }


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (HttpAnswer(200, {}, b'{"total_count": 1}'), True),
        (HttpAnswer(200, {}, b'{"total_count": 0}'), None),
        (HttpAnswer(500), None),
        (Failure("ambiguous", "http TimeoutError"), None),
    ],
)
def test_a_ticket_that_is_not_found_yet_may_still_be_there(response, found):
    assert intercom().call("messages").lookup.found(response, outgoing()) is found


def test_without_the_attribute_there_is_nothing_to_look_for():
    assert intercom(message_attribute_id=None).call("messages").lookup is None
    assert "messages" not in intercom(ticket_type=None).calls


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ((404, {"errors": [{"code": "not_found"}]}), "rejected", "http 404 not_found"),
        ((400, {"errors": [{"code": "bad ann1@mail.example"}]}), "rejected", "http 400"),
        ((503, {}), "ambiguous", "http 503"),
        ((200, {}), "ambiguous", "intercom no_{}_id"),
        ("reset", "ambiguous", "http ServerDisconnectedError"),
    ],
)
@pytest.mark.parametrize("purpose", ["profiles", "suppressions", "messages"])
def test_the_verdict_follows_the_answer(purpose, answer, outcome, reason):
    item = outgoing(parts=TASK) if purpose == "messages" else change(own_id="p1")
    with JsonTool(answer) as tool:
        (verdict,) = send(intercom(tool.url), purpose, [item]).values()
    assert verdict.outcome == outcome
    assert verdict.reason == reason.format("ticket" if purpose == "messages" else "contact")


def test_a_429_waits_for_the_window_and_a_401_switches_off():
    reset = str(int(datetime.now(UTC).timestamp()) + 9)
    with JsonTool((429, {}, {"X-RateLimit-Reset": reset}), (401, {})) as tool:
        to = intercom(tool.url)
        (slow,) = send(to, "profiles", [change(own_id="p1")]).values()
        (off,) = send(to, "profiles", [change(own_id="p1")]).values()
    assert slow.outcome == "throttled"
    assert 5 < slow.retry_after <= 9
    assert off.disable
    assert outcomes({"off": off}) == {"off": "throttled"}


def published_calls(purpose):
    """Tickets are put together by allOf, which cannot be closed part by part."""
    return contract("intercom/core_2.14.subset.json", is_closed=purpose != "messages")


def test_requests_conform_to_the_published_contract():
    row = change(own_id="p1", email="a@mail.example", name=None, signed_up_at=NOON, tier=2)
    known = change(own_id="p1", email="a@mail.example", known_as="6762f0cd")
    batches = [("profiles", row), ("profiles", known), ("suppressions", row)]
    batches += [("suppressions", known), ("messages", outgoing(parts=TASK))]
    for purpose, item in batches:
        published_calls(purpose).accepts(request_of(intercom(), purpose, [item]))


@pytest.mark.parametrize(
    ("purpose", "path", "wrong"),
    [
        ("profiles", ["email"], 7),
        ("profiles", ["tier"], "gold"),
        ("suppressions", ["unsubscribed_from_emails"], "yes"),
        ("messages", ["ticket_type_id"], "del"),
        ("messages", ["contacts", 0], {"name": "Ann"}),
    ],
)
def test_a_wrong_request_is_refused_by_the_published_contract(purpose, path, wrong):
    item = outgoing(parts=TASK) if purpose == "messages" else change(email="a@mail.example")
    published_calls(purpose).refuses(
        with_wrong(request_of(intercom(), purpose, [item]), path, wrong)
    )
