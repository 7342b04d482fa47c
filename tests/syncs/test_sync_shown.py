"""What a plan shows: shapes and numbers, values only when asked for, secrets never."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sync_ground import AUDIENCE, Tool, ground

from activation.config import DestinationsConfig
from activation.exchange import Call, HttpRequest, Staged
from activation.syncs import plan_syncs, run_syncs
from activation.syncs.shown import plan_facts, requests_of

PLANTED = ("ann@mail.example", "Ann-Sophie", "+4915112345678", "sk-secret")


@pytest.fixture
def planned(journal, warehouse, name):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.hold("members", [("p1", PLANTED[0], PLANTED[1]), ("p2", "b@mail.example", None)])
    warehouse.hold(
        "reachable",
        [("email", one, "marketing", "main", None) for one in (PLANTED[0], "b@mail.example")],
    )
    (plan,) = plan_syncs([replace(AUDIENCE, name=name)], at)
    return plan, at, tool


def shown(planned, build=None, **options):
    plan, at, tool = planned
    destination = tool.destination()
    if build is not None:
        call = replace(destination.calls["audiences"], build=build)
        destination = replace(destination, calls={"audiences": call})
    return list(requests_of(plan, at.ledger, destination, **options))


def telling(batch, _settings, _at):
    body = {"to": batch[0].fields["email"], PLANTED[2]: {"n": 1, "on": True, "none": None}}
    url = f"https://tool.example/v1/people/{PLANTED[0]}/x?phone={PLANTED[2]}"
    headers = {"content-type": "application/json", "authorization": PLANTED[3]}
    return HttpRequest("PUT", url, headers, json.dumps(body).encode())


def test_a_request_is_shown_in_its_shape_without_a_value(planned):
    (request,) = shown(planned, telling, show_values=False)
    assert request == {
        "op": "upsert",
        "rows": 2,
        "method": "PUT",
        "url": "https://tool.example/v1/people/***/x?phone=***",
        "headers": {"content-type": "application/json", "authorization": "***"},
        "body": {"to": "***", "***": {"n": "***", "on": True, "none": None}},
    }


def test_values_are_shown_when_asked_for_and_secrets_never(planned):
    (request,) = shown(planned, telling, show_values=True)
    assert PLANTED[0] in request["url"] and PLANTED[0] in request["body"]
    assert PLANTED[3] not in repr(request)


def test_what_is_shown_is_what_a_run_then_sends(planned):
    plan, at, tool = planned
    before = [json.loads(one["body"]) for one in shown(planned, show_values=True)]
    assert tool.requests == []
    run_syncs([plan.sync], at)
    assert tool.requests == before


def test_no_planted_value_stands_in_facts_or_reprs(planned):
    plan, at, _ = planned
    (report,) = run_syncs([plan.sync], at)
    text = repr((plan_facts(plan), plan, report, shown(planned, show_values=False)))
    assert not [one for one in PLANTED if one in text]
    assert Call.__name__ not in text


def test_of_a_request_that_hangs_on_an_answer_the_first_question_is_shown(planned):
    def asking(batch, settings, at):
        return Staged(telling(batch, settings, at), lambda answer: answer)

    (request,) = shown(planned, asking, show_values=False)
    assert (request["method"], request["then"]) == ("PUT", "depends on the answer")
    assert PLANTED[0] not in repr(request)


def test_what_the_environment_gave_is_never_shown(planned):
    secret = 'top/"se cret'
    raw = {"crm": {"type": "x", "token": "${CRM_TOKEN}", "steps": [{"url": "${CRM_URL:-}"}]}}
    environ = {"CRM_TOKEN": secret, "OTHER": "fine"}
    secrets = DestinationsConfig(Path(), 15, raw, environ).secrets("crm")
    assert secrets == {secret}

    def leaking(_batch, _settings, _at):
        url = f"https://tool.example/{quote(secret, safe='')}/x?key={quote_plus(secret)}"
        return HttpRequest("POST", url, {"accept": secret}, json.dumps({"k": secret}).encode())

    for show_values in (True, False):
        (request,) = shown(planned, leaking, show_values=show_values, secrets=secrets)
        assert "cret" not in repr(request) and request["method"] == "POST"
        assert request["url"] == "https://tool.example/***/x?key=***"
