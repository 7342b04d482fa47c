import json

import pytest
from http_tool import change, destination

from activation.exchange import Failure, HttpAnswer

ROW = {"url": "/rows", "json": "{{ fields }}"}


@pytest.fixture
def judged(tmp_path):
    """(outcome, reason) of each item under these keys of `answer`."""

    def judge(response, rows=1, purpose_keys=None, **answer):
        form = {"request": ROW, "answer": answer, **(purpose_keys or {})}
        call = destination(tmp_path, 9, profiles=form).call("profiles")
        return call.verdicts(response, [change(n) for n in range(1, rows + 1)])

    return judge


def answer(status, content=None, **headers):
    """An answer as the transport gives it."""
    body = b"" if content is None else json.dumps(content).encode()
    return HttpAnswer(
        status, {name.replace("_", "-"): text for name, text in headers.items()}, body
    )


@pytest.mark.parametrize(
    ("response", "outcome", "reason"),
    [
        (answer(201), "accepted", "http 201"),
        (answer(302), "rejected", "http 302"),
        (answer(400), "rejected", "http 400"),
        (answer(401), "throttled", "http 401"),
        (answer(403), "throttled", "http 403"),
        (answer(404), "rejected", "http 404"),
        (answer(408), "ambiguous", "http 408"),
        (answer(429), "throttled", "http 429"),
        (answer(503), "ambiguous", "http 503"),
        (Failure("not_sent", "http X"), "not_sent", "http X"),
        (Failure("ambiguous", "http TimeoutError"), "ambiguous", "http TimeoutError"),
    ],
)
def test_without_keys_the_status_decides(judged, response, outcome, reason):
    (verdict,) = judged(response)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert verdict.disable == (reason in ("http 401", "http 403"))


def test_what_is_said_of_a_refused_credential_goes_before_the_default(judged):
    (named,) = judged(answer(403), throttled=[429, 403])
    assert (named.outcome, named.disable) == ("throttled", False)
    (coded,) = judged(
        answer(403, {"error": "slow_down"}), code="error", codes={"slow_down": "throttled"}
    )
    assert (coded.outcome, coded.disable) == ("throttled", False)
    (classed,) = judged(answer(403), not_sent=["4xx"])
    assert (classed.outcome, classed.disable) == ("throttled", True)


def test_a_status_by_number_goes_before_its_class(judged):
    keys = {
        "accepted": ["2xx", 409],
        "not_sent": [503, 412],
        "ambiguous": ["5xx"],
        "disable": [410],
    }
    outcomes = {status: judged(answer(status), **keys)[0] for status in (409, 503, 500, 412, 410)}
    assert {status: one.outcome for status, one in outcomes.items()} == {
        409: "accepted",
        503: "not_sent",
        500: "ambiguous",
        412: "not_sent",
        410: "throttled",
    }
    assert [status for status, one in outcomes.items() if one.disable] == [410]


def test_how_long_to_wait_is_read_from_header_or_answer(judged):
    assert judged(answer(429, retry_after="7"))[0].retry_after == 7
    keys = {"wait": {"path": "retry_after_ms", "unit": "milliseconds"}}
    assert judged(answer(429, {"retry_after_ms": 1500}), **keys)[0].retry_after == 1.5
    for told in (10**400, float("inf"), 253402300799000):
        assert judged(answer(429, {"retry_after_ms": told}), **keys)[0].retry_after == 86_400
    assert judged(answer(429, {}, retry_after="3"), **keys)[0].retry_after == 3


@pytest.mark.parametrize(
    ("content", "outcome", "reason"),
    [
        ({"ok": True}, "accepted", "http 200"),
        ({"ok": False, "error": "ratelimited"}, "throttled", "ratelimited"),
        ({"ok": False, "error": "gone"}, "rejected", "gone"),
        ({"ok": False, "error": "ann1@mail.example is unknown"}, "rejected", "not_ok"),
        ({}, "rejected", "not_ok"),
        (None, "ambiguous", "unreadable"),
    ],
)
def test_an_error_inside_http_200_is_found_and_only_declared_codes_are_told(
    judged, content, outcome, reason
):
    keys = {
        "ok": {"path": "ok", "is": [True]},
        "code": "error",
        "codes": {"ratelimited": "throttled", "gone": "rejected"},
    }
    (verdict,) = judged(answer(200, content), **keys)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_code_says_more_than_its_status(judged):
    keys = {"code": "errors.0.code", "codes": {"LIMIT": "throttled", "DUPLICATE": "accepted"}}
    assert judged(answer(403, {"errors": [{"code": "LIMIT"}]}), **keys)[0].outcome == "throttled"
    assert judged(answer(409, {"errors": [{"code": "DUPLICATE"}]}), **keys)[0].outcome == "accepted"
    assert judged(answer(409, {"errors": []}), **keys)[0].outcome == "rejected"


def test_what_the_tool_calls_it_is_kept(judged):
    assert judged(answer(201, {"data": [{"id": 7}]}), provider_id="data.0.id")[0].provider_id == "7"
    assert (
        judged(answer(201, location="/p/8"), provider_id="header:Location")[0].provider_id == "/p/8"
    )
    assert judged(answer(201, {"data": []}), provider_id="data.0.id")[0].provider_id is None


def outcomes(verdicts):
    return [(one.item_id, one.outcome, one.reason) for one in verdicts]


def test_results_by_order_give_each_item_its_verdict_and_a_missing_one_is_in_doubt(judged):
    results = {"path": "results", "ok": {"path": "success"}, "code": "code", "provider_id": "id"}
    content = {"results": [{"success": True, "id": 5}, {"success": False, "code": "LOCKED"}]}
    verdicts = judged(answer(200, content), 3, results=results, codes={"LOCKED": "not_sent"})
    assert outcomes(verdicts) == [
        ("k1", "accepted", "ok"),
        ("k2", "not_sent", "LOCKED"),
        ("k3", "ambiguous", "no_verdict"),
    ]
    assert verdicts[0].provider_id == "5"


def test_results_by_index_may_list_the_failed_alone(judged):
    results = {"path": "errors", "by": "index", "field": "batch_index", "lists": "failed"}
    content = {"errors": [{"batch_index": 1, "message": "ann2@mail.example"}]}
    assert outcomes(judged(answer(207, content), 3, results=results)) == [
        ("k1", "accepted", "ok"),
        ("k2", "rejected", "not_ok"),
        ("k3", "accepted", "ok"),
    ]
    assert outcomes(judged(answer(200, {}), 1, results=results)) == [("k1", "accepted", "ok")]


def test_results_by_key_are_found_by_what_the_tool_repeats(judged):
    results = {"path": "", "by": "key", "field": "mail", "key": "{{ fields.email | upper }}"}
    results["ok"] = {"path": "state", "is": ["created", "updated"]}
    content = [
        {"mail": "ANN2@MAIL.EXAMPLE", "state": "updated"},
        {"mail": "ANN1@MAIL.EXAMPLE", "state": "failed"},
    ]
    assert outcomes(judged(answer(200, content), 3, results=results)) == [
        ("k1", "rejected", "not_ok"),
        ("k2", "accepted", "ok"),
        ("k3", "ambiguous", "no_verdict"),
    ]


def test_an_item_without_a_key_of_its_own_takes_no_verdict_of_another(judged):
    results = {"path": "", "by": "key", "field": "mail", "key": "{{ fields.phone }}"}
    assert outcomes(
        judged(answer(200, [{"mail": ""}, {}, {"mail": None}]), 1, results=results)
    ) == [("k1", "ambiguous", "no_verdict")]


def test_results_that_cannot_be_read_leave_all_in_doubt(judged):
    whole = {"results": {"path": "results"}}
    broken = HttpAnswer(200, {}, b'{"results": [')
    cut = HttpAnswer(200, {}, b'{"results": []}', is_whole=False)
    for response in (broken, cut, answer(200, {"results": "many"})):
        assert {one.reason for one in judged(response, 2, **whole)} == {"unreadable"}


@pytest.fixture
def job(tmp_path):
    form = {
        "request": ROW,
        "job": {
            "id": "job.id",
            "request": {"method": "GET", "url": "/jobs/{{ job_id }}"},
            "done": {"path": "state", "is": ["done"]},
            "failed": {"path": "state", "is": ["failed"]},
            "results": {"path": "errors", "by": "key", "field": "id", "lists": "failed"},
        },
    }
    tool = destination(tmp_path, 9, profiles=form)
    return tool, tool.call("profiles").job


def test_a_job_is_asked_for_by_its_id(job):
    tool, poll = job
    assert poll.id_of(answer(202, {"job": {"id": "a/b"}})) == "a/b"
    assert poll.id_of(answer(202, {})) is None
    request = poll.build("a/b", tool.settings)
    assert (request.method, request.url) == ("GET", "http://127.0.0.1:9/api/jobs/a%2Fb")


def test_a_job_ends_with_a_verdict_for_each_item(job):
    _tool, poll = job
    batch = [change(1), change(2)]
    assert poll.verdicts(answer(200, {"state": "running"}), batch) is None
    for trouble in (answer(503), answer(429), Failure("ambiguous", "http TimeoutError")):
        assert poll.verdicts(trouble, batch) is None
    done = {"state": "done", "errors": [{"id": "k2"}]}
    assert [one.outcome for one in poll.verdicts(answer(200, done), batch)] == [
        "accepted",
        "rejected",
    ]
    failed = poll.verdicts(answer(200, {"state": "failed"}), batch)
    assert {(one.outcome, one.reason) for one in failed} == {("rejected", "job_failed")}
    lost = poll.verdicts(answer(404), batch)
    assert {(one.outcome, one.reason) for one in lost} == {("ambiguous", "job http 404")}
