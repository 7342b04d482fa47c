import json
from datetime import UTC, date, datetime

import pytest
from hubspot.crm import contacts, lists
from json_tool import (
    SECRET,
    JsonTool,
    change,
    destination,
    outcomes,
    request_of,
    send,
    with_wrong,
)

from activation.exchange import Unsendable


def hubspot(url="https://api.hubapi.com", **settings):
    values = {
        "type": "hubspot",
        "url": url,
        "token": SECRET,
        "id_property": "customer_id",
        "audience": "17",
        "subscription_id": 333,
        "timeout_seconds": 2.0,
    }
    return destination(values | settings)


def person(number, **fields):
    return change(number, customer_id=f"P{number}", email=f"ann{number}@mail.example", **fields)


def body_of(request):
    return json.loads(request.content)


def result(place, record):
    return {"objectWriteTraceId": str(place), "id": record, "properties": {}}


def error(place, category="VALIDATION_ERROR"):
    context = {"objectWriteTraceId": [str(place)]}
    text = "ann1@mail.example is invalid"
    return {"status": "error", "category": category, "message": text, "context": context}


def test_a_contact_is_found_by_the_property_and_values_are_text():
    row = person(
        1,
        firstname=None,
        points=3,
        vip=True,
        since=datetime(2026, 3, 2, 12, tzinfo=UTC),
        born=date(1990, 1, 2),
        likes=["oak", "ash"],
    )
    request = request_of(hubspot(), "profiles", [row])
    (one,) = body_of(request)["inputs"]
    assert request.url == "https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert"
    assert one == {
        "id": "P1",
        "idProperty": "customer_id",
        "objectWriteTraceId": "0",
        "properties": {
            "email": "ann1@mail.example",
            "firstname": "",
            "points": "3",
            "vip": "true",
            "since": "2026-03-02T12:00:00Z",
            "born": "1990-01-02",
            "likes": "oak;ash",
        },
    }


def test_results_and_errors_of_a_207_reach_the_items_they_trace():
    content = {
        "results": [result(2, "902"), result(0, "900")],
        "errors": [error(1)],
        "numErrors": 1,
    }
    with JsonTool((207, content)) as tool:
        verdicts = send(hubspot(tool.url), "profiles", [person(n) for n in range(3)])
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "rejected", "r2": "accepted"}
    assert verdicts["r1"].reason == "hubspot VALIDATION_ERROR"
    assert (verdicts["r0"].provider_id, verdicts["r2"].provider_id) == ("900", "902")
    assert tool.got[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "content",
    [
        {"results": [result(0, "900")], "errors": []},
        {"results": [result(0, "900")], "errors": [{"category": "VALIDATION_ERROR"}]},
        {"results": [result(0, "900")], "numErrors": 1},
    ],
    ids=["left out", "an error without a trace", "only counted"],
)
def test_an_item_that_a_207_says_nothing_of_is_sent_again(content):
    with JsonTool((207, content)) as tool:
        verdicts = send(hubspot(tool.url), "profiles", [person(0), person(1)])
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "not_sent"}


def test_as_many_results_as_items_without_traces_mean_that_all_are_taken():
    with JsonTool((200, {"results": [{"id": "900"}, {"id": "901"}]})) as tool:
        verdicts = send(hubspot(tool.url), "profiles", [person(0), person(1)])
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "accepted"}
    assert verdicts["r0"].provider_id is None


def test_a_person_who_is_named_twice_waits_for_a_request_of_its_own():
    batch = [person(0), change(1, customer_id="p0", firstname="Ann"), person(2)]
    content = {"results": [result(0, "900"), result(1, "902")]}
    with JsonTool((200, content)) as tool:
        verdicts = send(hubspot(tool.url), "profiles", batch)
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "not_sent", "r2": "accepted"}
    assert verdicts["r2"].provider_id == "902"
    assert len(tool.got[0].body["inputs"]) == 2


@pytest.mark.parametrize(
    ("purpose", "row", "reason"),
    [
        ("profiles", change(email="a@mail.example"), "no_identifier"),
        ("profiles", change(op="remove", customer_id="P1"), "deletes_no_contacts"),
        ("profiles", change(customer_id="P1", hs_email_optout_333=False), "consent_field"),
        ("audiences", change(email="a@mail.example"), "no_record_id"),
        ("suppressions", change(phone="+15550100201"), "no_email"),
    ],
)
def test_a_row_that_cannot_be_sent_is_refused_with_a_code(purpose, row, reason):
    with pytest.raises(Unsendable, match=reason):
        request_of(hubspot(), purpose, [row])


def test_members_join_and_leave_the_list_by_their_record_ids():
    batch = [
        change(1, known_as="901"),
        change(2, hs_object_id=902),
        change(3, "remove", known_as="903"),
        change(4, "remove", known_as="904"),
    ]
    content = {
        "recordsIdsAdded": ["901"],
        "recordIdsRemoved": ["903"],
        "recordIdsMissing": ["902", "904"],
    }
    with JsonTool((200, content)) as tool:
        verdicts = send(hubspot(tool.url), "audiences", batch)
    (got,) = tool.got
    assert (got.method, got.path) == ("PUT", "/crm/v3/lists/17/memberships/add-and-remove")
    assert got.body == {"recordIdsToAdd": ["901", "902"], "recordIdsToRemove": ["903", "904"]}
    assert outcomes(verdicts) == {
        "r1": "accepted",
        "r2": "rejected",
        "r3": "accepted",
        "r4": "accepted",
    }


def test_an_opt_out_unsubscribes_and_newer_consent_subscribes_with_its_basis():
    batch = [change(1, email="Ann1@mail.example"), change(2, "remove", email="ann2@mail.example")]
    content = {
        "results": [{"subscriberIdString": "ann1@mail.example", "status": "UNSUBSCRIBED"}],
        "errors": [
            {
                "category": "VALIDATION_ERROR",
                "context": {"subscriberIdString": ["ann2@mail.example"]},
            }
        ],
    }
    with JsonTool((207, content)) as tool:
        verdicts = send(hubspot(tool.url), "suppressions", batch)
    common = {"channel": "EMAIL", "subscriptionId": 333}
    assert tool.got[0].path == "/communication-preferences/v4/statuses/batch/write"
    assert tool.got[0].body["inputs"] == [
        {**common, "subscriberIdString": "Ann1@mail.example", "statusState": "UNSUBSCRIBED"},
        {
            **common,
            "subscriberIdString": "ann2@mail.example",
            "statusState": "SUBSCRIBED",
            "legalBasis": "CONSENT_WITH_NOTICE",
            "legalBasisExplanation": "Consent on record",
        },
    ]
    assert outcomes(verdicts) == {"r1": "accepted", "r2": "rejected"}
    assert not any("mail.example" in one.reason for one in verdicts.values())


@pytest.mark.parametrize(
    ("answer", "outcome", "wait"),
    [
        ((400, {"category": "VALIDATION_ERROR"}), "rejected", None),
        ((429, {"policyName": "TEN_SECONDLY_ROLLING"}), "throttled", None),
        ((429, {"policyName": "DAILY"}), "throttled", 3600),
        ((429, {"policyName": "DAILY"}, {"Retry-After": "9"}), "throttled", 9),
        ((401, {"category": "INVALID_AUTHENTICATION"}), "throttled", None),
        ((502, {}), "ambiguous", None),
        ("hang", "ambiguous", None),
    ],
)
@pytest.mark.parametrize("purpose", ["profiles", "audiences", "suppressions"])
def test_an_answer_for_the_whole_request_holds_for_every_item(purpose, answer, outcome, wait):
    row = person(1, hs_object_id=901)
    with JsonTool(answer) as tool:
        (verdict,) = send(hubspot(tool.url), purpose, [row]).values()
    assert (verdict.outcome, verdict.retry_after) == (outcome, wait)
    assert verdict.disable == (answer[0] == 401)


def test_calls_follow_the_settings():
    assert set(hubspot(audience=None, subscription_id=None).calls) == {"profiles", "erasures"}


def made(package, name, content):
    """The vendor's model of this content. Raises ValueError for what it does not take."""
    checked = package.Configuration()
    checked.client_side_validation = True
    model = getattr(package.models, name)
    names = {alias: own for own, alias in model.attribute_map.items()}
    if unknown := set(content) - set(names):
        raise ValueError(f"unknown {unknown}")
    values = {names[key]: value for key, value in content.items()}
    return model(**values, local_vars_configuration=checked)


def vendors_models(purpose, body):
    if purpose == "audiences":
        return made(lists, "MembershipChangeRequest", body)
    inputs = [made(contacts, "SimplePublicObjectBatchInputUpsert", one) for one in body["inputs"]]
    return made(
        contacts, "BatchInputSimplePublicObjectBatchInputUpsert", {**body, "inputs": inputs}
    )


@pytest.mark.parametrize("purpose", ["profiles", "audiences"])
def test_requests_are_what_the_vendors_package_models(purpose):
    request = request_of(hubspot(), purpose, [person(1, hs_object_id=901, vip=True)])
    model = vendors_models(purpose, body_of(request))
    client = (lists if purpose == "audiences" else contacts).ApiClient()
    assert client.sanitize_for_serialization(model) == body_of(request)


@pytest.mark.parametrize(
    ("purpose", "path", "wrong"),
    [
        ("profiles", ["inputs", 0, "id"], "del"),
        ("profiles", ["inputs", 0, "properties"], "del"),
        ("profiles", ["inputs", 0, "traceId"], "0"),
        ("audiences", ["recordIdsToRemove"], "del"),
        ("audiences", ["recordIds"], ["901"]),
    ],
)
def test_a_wrong_request_is_refused_by_the_vendors_package(purpose, path, wrong):
    request = request_of(hubspot(), purpose, [person(1, hs_object_id=901)])
    with pytest.raises(ValueError, match=r"unknown|must not be"):
        vendors_models(purpose, body_of(with_wrong(request, path, wrong)))
