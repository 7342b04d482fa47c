import json
import time

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
from published import contract

from activation.exchange import Unsendable

GROUP = "5f1b0c1e-0000-4000-8000-000000000001"


def braze(url="https://rest.fra-02.braze.eu", **settings):
    values = {
        "type": "braze",
        "url": url,
        "api_key": SECRET,
        "audience": "in_win_back",
        "subscription_group": GROUP,
        "campaigns": {"quote_reminder": "campaign-1"},
        "timeout_seconds": 2.0,
    }
    return destination(values | settings)


def body_of(request):
    return json.loads(request.content)


def test_attributes_travel_as_the_sync_names_them_and_a_null_clears():
    batch = [change(email="ann@mail.example", first_name=None, points=3)]
    body = body_of(request_of(braze(), "profiles", batch))
    assert body == {"attributes": [{"email": "ann@mail.example", "first_name": None, "points": 3}]}


def test_an_object_named_in_errors_is_rejected_and_the_others_are_accepted():
    errors = [{"type": "'email' is not valid", "input_array": "attributes", "index": 1}] * 2
    batch = [change(n, email=f"ann{n}@mail.example") for n in range(3)]
    with JsonTool((201, {"message": "success", "errors": errors})) as tool:
        verdicts = send(braze(tool.url), "profiles", batch)
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "rejected", "r2": "accepted"}
    assert verdicts["r1"].reason == "braze attributes_error"
    assert tool.got[0].headers["authorization"] == f"Bearer {SECRET}"
    assert (tool.got[0].method, tool.got[0].path) == ("POST", "/users/track")


def test_an_item_that_is_refused_here_does_not_shift_the_indexes_of_the_errors():
    errors = [{"type": "bad", "input_array": "attributes", "index": 0}]
    batch = [
        change(0, points=1),
        change(1, email="a@mail.example"),
        change(2, phone="+15550100201"),
    ]
    with JsonTool((201, {"message": "success", "errors": errors})) as tool:
        verdicts = send(braze(tool.url), "profiles", batch)
    assert outcomes(verdicts) == {"r0": "rejected", "r1": "rejected", "r2": "accepted"}
    assert verdicts["r0"].reason == "no_identifier"


@pytest.mark.parametrize(
    "error",
    [
        {"type": "bad", "input_array": "attributes", "index": [0]},
        {"type": "bad", "input_array": "attributes", "index": 7},
        {"type": "bad"},
        "bad",
    ],
)
@pytest.mark.parametrize("purpose", ["profiles", "suppressions"])
def test_an_error_that_names_no_object_lets_nobody_pass_for_accepted(purpose, error):
    batch = [change(n, email=f"ann{n}@mail.example") for n in range(2)]
    with JsonTool((201, {"message": "success", "errors": [error]})) as tool:
        verdicts = send(braze(tool.url), purpose, batch)
    assert outcomes(verdicts) == {"r0": "not_sent", "r1": "not_sent"}


def test_a_bad_request_that_names_objects_leaves_the_others_unsent():
    errors = [{"type": "bad", "input_array": "attributes", "index": 0}]
    batch = [change(n, email=f"ann{n}@mail.example") for n in range(2)]
    with JsonTool((400, {"message": "no valid data", "errors": errors})) as tool:
        verdicts = send(braze(tool.url), "profiles", batch)
    assert outcomes(verdicts) == {"r0": "rejected", "r1": "not_sent"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, {"message": "invalid json"}), "rejected"),
        ((413, {}), "rejected"),
        ((500, {}), "ambiguous"),
        ("hang", "ambiguous"),
        ("reset", "ambiguous"),
    ],
)
@pytest.mark.parametrize("purpose", ["profiles", "suppressions", "messages"])
def test_an_answer_for_the_whole_request_holds_for_every_item(purpose, answer, outcome):
    item = outgoing() if purpose == "messages" else change(email="ann@mail.example")
    with JsonTool(answer) as tool:
        (verdict,) = send(braze(tool.url), purpose, [item]).values()
    assert verdict.outcome == outcome


def test_a_429_waits_until_the_window_of_the_header_is_over():
    headers = {"X-RateLimit-Reset": str(int(time.time()) + 40)}
    with JsonTool((429, {}, headers)) as tool:
        (verdict,) = send(braze(tool.url), "messages", [outgoing()]).values()
    assert verdict.outcome == "throttled"
    assert 30 < verdict.retry_after <= 40


def test_a_key_that_is_not_valid_switches_the_destination_off_and_loses_nothing():
    with JsonTool((401, {"message": "Invalid API key"})) as tool:
        (verdict,) = send(braze(tool.url), "profiles", [change(email="a@mail.example")]).values()
    assert (verdict.outcome, verdict.disable) == ("throttled", True)


def test_a_profile_sync_can_never_subscribe_anybody():
    batch = [change(own_id="p1", email_subscribe="subscribed")]
    with pytest.raises(Unsendable, match="consent_field email_subscribe"):
        request_of(braze(), "profiles", batch)


def test_profiles_are_not_deleted():
    with pytest.raises(Unsendable, match="deletes_no_profiles"):
        request_of(braze(), "profiles", [change(op="remove", email="a@mail.example")])


def test_membership_is_an_attribute_that_is_set_and_cleared_on_existing_users_only():
    batch = [change(1, own_id="p1", score=3), change(2, "remove", own_id="p2")]
    body = body_of(request_of(braze(), "audiences", batch))
    assert body["attributes"] == [
        {"external_id": "p1", "in_win_back": True, "_update_existing_only": True},
        {"external_id": "p2", "in_win_back": None, "_update_existing_only": True},
    ]


def test_an_opt_out_leaves_the_group_and_only_newer_consent_comes_back():
    batch = [
        change(1, email="ann1@mail.example", phone="+15550100201"),
        change(2, phone="+15550100202"),
        change(3, "remove", email="ann3@mail.example"),
    ]
    groups = body_of(request_of(braze(), "suppressions", batch))["subscription_groups"]
    assert groups == [
        {
            "subscription_group_id": GROUP,
            "subscription_state": "unsubscribed",
            "emails": ["ann1@mail.example"],
            "phones": ["+15550100202"],
        },
        {
            "subscription_group_id": GROUP,
            "subscription_state": "subscribed",
            "emails": ["ann3@mail.example"],
        },
    ]


def test_a_message_triggers_the_campaign_of_its_template_to_the_address_that_was_checked():
    body = body_of(request_of(braze(), "messages", [outgoing()]))
    (recipient,) = body["recipients"]
    assert body["campaign_id"] == "campaign-1"
    assert body["broadcast"] is False
    assert recipient["external_user_id"] == "p1"
    assert recipient["attributes"] == {"email": "ann1@mail.example"}
    assert recipient["trigger_properties"]["subject"] == "Your quote"
    assert recipient["trigger_properties"]["message_id"] == "m1"


def test_the_dispatch_id_is_kept():
    with JsonTool((201, {"message": "success", "dispatch_id": "d-1"})) as tool:
        (verdict,) = send(braze(tool.url), "messages", [outgoing()]).values()
    assert (verdict.outcome, verdict.provider_id) == ("accepted", "d-1")


def test_a_success_without_a_dispatch_id_is_ambiguous():
    with JsonTool((201, {"message": "success"})) as tool:
        (verdict,) = send(braze(tool.url), "messages", [outgoing()]).values()
    assert verdict.outcome == "ambiguous"


def test_a_message_without_a_campaign_or_a_user_id_is_never_sent():
    with pytest.raises(Unsendable, match="no_campaign"):
        request_of(braze(), "messages", [outgoing(template="other")])
    with pytest.raises(Unsendable, match="no_variable shop_id"):
        request_of(braze(user_id="shop_id"), "messages", [outgoing()])


def test_calls_follow_the_settings():
    small = braze(updates_per_request=50, campaigns={}, audience=None, subscription_group=None)
    assert set(small.calls) == {"profiles", "erasures"}
    assert small.call("profiles").facts.batch == 50


def test_no_address_and_no_secret_stands_in_what_is_shown():
    to = braze()
    batch = [change(email="ann@mail.example")]
    shown = repr((to.settings, request_of(to, "profiles", batch), batch))
    assert "ann@mail.example" not in shown
    assert SECRET not in shown


@pytest.fixture
def published_calls():
    return contract("braze/core.subset.json", is_closed=False)


@pytest.mark.parametrize("purpose", ["profiles", "audiences", "suppressions", "messages"])
def test_requests_conform_to_the_published_contract(published_calls, purpose):
    rows = [
        change(1, own_id="p1", email="ann1@mail.example", first_name=None, visits=[1, 2]),
        change(2, "upsert" if purpose == "profiles" else "remove", phone="+15550100202"),
    ]
    batch = [outgoing()] if purpose == "messages" else rows
    published_calls.accepts(request_of(braze(), purpose, batch))


@pytest.mark.parametrize(
    ("purpose", "path", "wrong"),
    [
        ("profiles", ["attributes"], {}),
        ("suppressions", ["subscription_groups", 0, "emails"], "ann1@mail.example"),
        ("messages", ["recipients", 0, "external_user_id"], 7),
        ("messages", ["broadcast"], "no"),
    ],
)
def test_a_wrong_request_is_refused_by_the_published_contract(
    published_calls, purpose, path, wrong
):
    item = outgoing() if purpose == "messages" else change(email="ann1@mail.example")
    request = request_of(braze(), purpose, [item])
    published_calls.refuses(with_wrong(request, path, wrong))
