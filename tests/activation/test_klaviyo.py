import json
from pathlib import Path

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
    send_and_poll,
    with_wrong,
)
from published import contract

import activation
from activation.exchange import HttpAnswer, Unsendable

JOB = {"data": {"type": "profile-bulk-import-job", "id": "J1", "attributes": {"status": "queued"}}}


def klaviyo(url="https://a.klaviyo.com", **settings):
    values = {"type": "klaviyo", "url": url, "api_key": SECRET, "metric": "Journey message"}
    return destination(values | {"timeout_seconds": 2.0} | settings)


def job(status, kind="profile-bulk-import-job", **attributes):
    facts = {"status": status, "created_at": "2026-03-02T12:00:00Z", "total_count": 3}
    data = {
        "type": kind,
        "id": "J1",
        "attributes": facts | attributes,
        "links": {"self": "https://a.klaviyo.com/"},
    }
    return {"data": data}


def import_error(pointer, code="invalid"):
    detail = "ann1@mail.example is not valid"
    attributes = {"code": code, "title": "bad", "detail": detail, "source": {"pointer": pointer}}
    return {"type": "import-error", "id": "e", "attributes": attributes}


def people(count):
    return [change(n, email=f"ann{n}@mail.example", first_name="Ann") for n in range(count)]


def test_fields_become_attributes_places_and_properties_and_nulls_clear():
    batch = [
        change(
            email="a@mail.example", last_name=None, **{"location.city": "Bonn"}, tier=2, old=None
        )
    ]
    body = json.loads(request_of(klaviyo(), "profiles", batch).content)
    (profile,) = body["data"]["attributes"]["profiles"]["data"]
    assert profile == {
        "type": "profile",
        "attributes": {
            "email": "a@mail.example",
            "last_name": None,
            "location": {"city": "Bonn"},
            "properties": {"tier": 2},
        },
        "meta": {"patch_properties": {"unset": ["old"]}},
    }


def test_a_job_is_polled_until_its_profiles_are_in():
    answers = [(202, JOB), (200, job("processing")), (500, {}), (200, job("complete"))]
    with JsonTool(*answers) as tool:
        verdicts = send_and_poll(klaviyo(tool.url), "profiles", people(2))
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "accepted"}
    assert [(one.method, one.path) for one in tool.got] == [
        ("POST", "/api/profile-bulk-import-jobs"),
        *[("GET", "/api/profile-bulk-import-jobs/J1")] * 3,
    ]
    assert all(one.headers["revision"] == "2026-07-15" for one in tool.got)
    assert tool.got[0].headers["content-type"] == "application/vnd.api+json"


def test_the_errors_of_a_job_reject_the_profiles_they_point_at():
    errors = {"data": [import_error("/data/attributes/profiles/data/1/attributes/email")]}
    answers = [(202, JOB), (200, job("complete", failed_count=1)), (200, errors)]
    with JsonTool(*answers) as tool:
        verdicts = send_and_poll(klaviyo(tool.url), "profiles", people(3))
    assert outcomes(verdicts) == {"r0": "accepted", "r1": "rejected", "r2": "accepted"}
    assert verdicts["r1"].reason == "klaviyo invalid"
    assert tool.got[-1].path == "/api/profile-bulk-import-jobs/J1/import-errors"
    assert tool.got[-1].query == {"page[size]": "100"}


@pytest.mark.parametrize(
    "errors",
    [
        {
            "data": [import_error("/data/attributes/profiles/data/0")],
            "links": {"self": "x", "next": "y"},
        },
        {"data": [import_error("/data/attributes/profiles/data/0"), import_error("/data")]},
    ],
    ids=["a second page", "an error of no item"],
)
def test_profiles_are_sent_again_while_not_every_error_is_told(errors):
    answers = [(202, JOB), (200, job("complete", failed_count=120)), (200, errors)]
    with JsonTool(*answers) as tool:
        verdicts = send_and_poll(klaviyo(tool.url), "profiles", people(2))
    assert outcomes(verdicts) == {"r0": "rejected", "r1": "not_sent"}


@pytest.mark.parametrize(
    ("answer", "outcome", "disable"),
    [
        ((200, job("cancelled")), "ambiguous", False),
        ((404, {}), "ambiguous", False),
        ((401, {}), "throttled", True),
    ],
)
def test_a_job_that_is_cancelled_or_gone_is_in_doubt(answer, outcome, disable):
    with JsonTool((202, JOB), answer) as tool:
        verdicts = send_and_poll(klaviyo(tool.url), "profiles", people(1))
    assert (verdicts["r0"].outcome, verdicts["r0"].disable) == (outcome, disable)


def test_a_refused_job_rejects_what_the_errors_point_at_and_sends_nothing():
    errors = [
        {"code": "invalid", "source": {"pointer": "/data/attributes/profiles/data/1/attributes"}}
    ]
    with JsonTool((400, {"errors": errors})) as tool:
        verdicts = send(klaviyo(tool.url), "profiles", people(3))
    assert outcomes(verdicts) == {"r0": "not_sent", "r1": "rejected", "r2": "not_sent"}


def test_a_refused_job_whose_errors_point_at_nothing_is_rejected_whole():
    with JsonTool((400, {"errors": [{"code": "invalid", "source": {"pointer": "/data"}}]})) as tool:
        verdicts = send(klaviyo(tool.url), "profiles", people(2))
    assert outcomes(verdicts) == {"r0": "rejected", "r1": "rejected"}


def test_what_does_not_fit_into_five_megabytes_waits_for_its_own_request():
    batch = [change(n, email=f"ann{n}@mail.example", note="x" * 90_000) for n in range(60)]
    to = klaviyo()
    request = request_of(to, "profiles", batch)
    verdicts = to.call("profiles").verdicts(HttpAnswer(202), batch)
    sent = json.loads(request.content)["data"]["attributes"]["profiles"]["data"]
    accepted = [one for one in verdicts if one.outcome == "accepted"]
    assert len(request.content) <= 5_000_000
    assert 50 < len(sent) == len(accepted) < 60
    assert {one.outcome for one in verdicts[len(sent) :]} == {"not_sent"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (change(first_name="Ann"), "no_identifier"),
        (change(email="a@mail.example", note="x" * 100_001), "too_large"),
        (change(email="a@mail.example", subscriptions={"email": {}}), "consent_field"),
        (change(email="a@mail.example", **{"$consent": ["email"]}), "consent_field"),
        (change(op="remove", email="a@mail.example"), "deletes_no_profiles"),
    ],
)
def test_a_profile_that_cannot_be_sent_is_refused_with_a_code(row, reason):
    with pytest.raises(Unsendable, match=reason):
        request_of(klaviyo(), "profiles", [row])


def test_suppressing_comes_before_lifting_and_each_has_its_own_request():
    batch = [
        change(1, "remove", email="ann1@mail.example"),
        change(2, email="ann2@mail.example"),
        change(3, phone="+15550100203"),
    ]
    with JsonTool((202, job("queued", "profile-suppression-bulk-create-job"))) as tool:
        verdicts = send(klaviyo(tool.url), "suppressions", batch)
        later = send(klaviyo(tool.url), "suppressions", batch[:1])
    assert outcomes(verdicts) == {"r1": "not_sent", "r2": "accepted", "r3": "rejected"}
    assert outcomes(later) == {"r1": "accepted"}
    assert [one.path for one in tool.got] == [
        "/api/profile-suppression-bulk-create-jobs",
        "/api/profile-suppression-bulk-delete-jobs",
    ]
    assert "ann1" not in json.dumps(tool.got[0].body)


def test_a_suppression_is_applied_when_its_job_is_complete():
    kind = "profile-suppression-bulk-create-job"
    answers = [(202, job("queued", kind)), (200, job("complete", kind, skipped_count=1))]
    with JsonTool(*answers) as tool:
        verdicts = send_and_poll(klaviyo(tool.url), "suppressions", people(1))
    assert outcomes(verdicts) == {"r0": "accepted"}
    assert tool.got[1].path == "/api/profile-suppression-bulk-create-jobs/J1"


def test_nothing_here_ever_subscribes_in_bulk_since_that_takes_suppressions_away():
    source = "".join(file.read_text("utf-8") for file in Path(activation.__path__[0]).rglob("*.py"))
    assert "profile-suppression-bulk-" in source
    assert "subscription-bulk" not in source


def test_the_event_of_a_message_is_the_same_at_every_try_and_named_by_it():
    request = request_of(klaviyo(), "messages", [outgoing()])
    attributes = json.loads(request.content)["data"]["attributes"]
    assert attributes["unique_id"] == "m1"
    assert attributes["time"] == "2026-03-02T12:00:00Z"
    assert attributes["properties"]["subject"] == "Your quote"
    assert attributes["profile"]["data"]["attributes"] == {"email": "ann1@mail.example"}
    assert request.content == request_of(klaviyo(), "messages", [outgoing(tries=3)]).content


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ((202, None), "accepted", "http 202"),
        ((400, {"errors": [{"code": "invalid"}]}), "rejected", "klaviyo invalid"),
        ((400, {"errors": [{"code": "no ann1@mail.example"}]}), "rejected", "klaviyo error"),
        ((429, {}, {"Retry-After": "7"}), "throttled", "http 429"),
        ((503, {}), "ambiguous", "http 503"),
        ("hang", "ambiguous", "http TimeoutError"),
    ],
)
def test_the_verdict_on_an_event_follows_the_answer(answer, outcome, reason):
    with JsonTool(answer) as tool:
        (verdict,) = send(klaviyo(tool.url), "messages", [outgoing()]).values()
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert verdict.retry_after == (7 if outcome == "throttled" else None)


def test_a_message_without_an_address_is_never_sent():
    with pytest.raises(Unsendable, match="no_address"):
        request_of(klaviyo(), "messages", [outgoing(address=None)])


@pytest.fixture
def published_calls():
    return contract("klaviyo/core.subset.json")


def test_requests_conform_to_the_published_contract(published_calls):
    to = klaviyo()
    row = change(
        own_id="p1", email="a@mail.example", last_name=None, **{"location.zip": "1"}, old=None
    )
    for purpose, item in [
        ("profiles", row),
        ("suppressions", row),
        ("suppressions", change(op="remove", email="a@mail.example")),
        ("messages", outgoing()),
        ("messages", outgoing(address="+15550100201")),
    ]:
        published_calls.accepts(request_of(to, purpose, [item]))
    for answer in (JOB, job("complete", failed_count=1)):
        name = to.call("profiles").job.id_of(HttpAnswer(200, {}, json.dumps(answer).encode()))
        published_calls.accepts(to.call("profiles").job.build(name, to.settings))


FIRST = ["data", "attributes", "profiles", "data", 0]


@pytest.mark.parametrize(
    ("purpose", "path", "wrong"),
    [
        ("profiles", [*FIRST, "attributes", "email"], 7),
        ("profiles", [*FIRST, "type"], "person"),
        ("profiles", ["data", "attributes", "profiles"], "del"),
        ("suppressions", [*FIRST, "attributes", "email"], "del"),
        ("suppressions", ["data", "type"], "profile-suppression-bulk-delete-job"),
        ("messages", ["data", "attributes", "metric"], "del"),
        ("messages", ["data", "attributes", "uniqueId"], "m1"),
    ],
)
def test_a_wrong_request_is_refused_by_the_published_contract(
    published_calls, purpose, path, wrong
):
    item = outgoing() if purpose == "messages" else change(email="a@mail.example")
    published_calls.refuses(with_wrong(request_of(klaviyo(), purpose, [item]), path, wrong))
