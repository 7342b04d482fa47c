"""Whatever a tool answers: one verdict for each item, and nothing of the answer's texts in it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_tool import SECRET, change, destination, outgoing, request_of

from activation.exchange import Failure, HttpAnswer, Staged

PLANTED = "ann1@mail.example"
TASK = {"title": "Call Ann", "text": "soon"}
TOOLS = {
    "braze": destination(
        {
            "type": "braze",
            "url": "https://rest.fra-02.braze.eu",
            "api_key": SECRET,
            "audience": "vip",
            "subscription_group": "g1",
            "campaigns": {"default": "c1"},
        }
    ),
    "klaviyo": destination({"type": "klaviyo", "api_key": SECRET, "metric": "Message"}),
    "intercom": destination(
        {
            "type": "intercom",
            "token": SECRET,
            "ticket_type": "1",
            "message_attribute": "Id",
            "message_attribute_id": 7,
        }
    ),
    "hubspot": destination(
        {"type": "hubspot", "token": SECRET, "audience": "17", "subscription_id": 3}
    ),
    "salesforce": destination(
        {
            "type": "salesforce",
            "url": "https://shop.my.salesforce.com",
            "client_id": "c",
            "client_secret": SECRET,
            "external_id": "external_id",
            "tasks": True,
        }
    ),
}
CALLS = [(name, purpose) for name, tool in TOOLS.items() for purpose in tool.calls]
KEYS = [  # what the readers look for, whatever the tool
    "errors", "data", "results", "id", "attributes", "status", "failed_count", "source",
    "pointer", "links", "next", "index", "input_array", "context", "objectWriteTraceId",
    "subscriberIdString", "category", "code", "errorCode", "statusCode", "success", "dispatch_id",
    "numErrors", "recordIdsMissing", "message", "type", "total_count", "policyName",
]  # fmt: skip
TEXTS = st.sampled_from(
    [PLANTED, "0", "complete", "attributes", "/data/attributes/profiles/data/1/x", "DAILY", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
)
STATUSES = st.sampled_from([200, 201, 202, 204, 207, 302, 400, 401, 403, 404, 409, 422, 429, 503])
HEADERS = st.sampled_from([{}, {"retry-after": "7"}, {"x-ratelimit-reset": "soon"}])
CONTENTS = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=8)
ANSWERS = st.builds(HttpAnswer, STATUSES, HEADERS, CONTENTS, st.booleans()) | st.just(
    Failure("ambiguous", "http TimeoutError")
)


def batch_for(name, purpose):
    if purpose == "messages":
        return [outgoing(parts=TASK)]
    if purpose == "erasures":
        return [outgoing(variables={"identifier": "email"})]
    count = 1 if name == "intercom" else 3
    ids = {"own_id": "p1", "hs_object_id": 900}
    wanted = ids if purpose == "audiences" else {"own_id": "p1"}
    rows = [
        change(n, email=f"ann{n}@mail.example", **wanted | {"own_id": f"p{n}"})
        for n in range(count)
    ]
    return [*rows, change(9)] if count > 1 else rows


@pytest.mark.parametrize(("name", "purpose"), CALLS)
@settings(max_examples=80, deadline=None)
@given(answer=ANSWERS)
def test_every_item_gets_one_verdict_and_no_text_of_the_answer(name, purpose, answer):
    batch = batch_for(name, purpose)
    verdicts = TOOLS[name].call(purpose).verdicts(answer, batch)
    assert sorted(one.item_id for one in verdicts) == sorted(one.item_id for one in batch)
    assert not any("@" in one.reason for one in verdicts)
    if any(one.outcome == "accepted" for one in verdicts):
        is_gone = purpose == "erasures" and answer.status in (404, 410)
        assert 200 <= answer.status < 300 or is_gone


@settings(max_examples=80, deadline=None)
@given(answer=ANSWERS)
@pytest.mark.parametrize("purpose", ["profiles", "suppressions"])
def test_every_item_of_a_job_gets_one_verdict_or_the_job_goes_on(purpose, answer):
    call = TOOLS["klaviyo"].call(purpose)
    batch = batch_for("klaviyo", purpose)
    verdicts = call.job.verdicts(answer, batch)
    assert verdicts is None or sorted(one.item_id for one in verdicts) == ["r0", "r1", "r2", "r9"]
    assert not any("@" in one.reason for one in verdicts or [])
    if isinstance(answer, HttpAnswer):
        job = call.job.id_of(answer)
        assert job is None or call.job.build(job, TOOLS["klaviyo"].settings).url.startswith("https")


@pytest.mark.parametrize(("name", "purpose"), CALLS)
def test_the_same_batch_is_the_same_request(name, purpose):
    batch = batch_for(name, purpose)
    requests = (request_of(TOOLS[name], purpose, batch) for _ in range(2))
    first, second = (one.first if isinstance(one, Staged) else one for one in requests)
    assert first == second
    assert SECRET not in repr(first)
    assert "mail.example" not in repr(first)
