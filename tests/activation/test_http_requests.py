import hashlib
import json
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

import pytest
from http_tool import Tool, change, destination, outgoing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import NOON, PLANTED

from activation.exchange import HttpAnswer, Unsendable


@pytest.fixture
def built(tmp_path):
    """The request that one purpose makes of a batch."""

    def build(rows, purpose="profiles", /, auth=None, **form):
        keys = {purpose: form} | ({"auth": auth} if auth else {})
        tool = destination(tmp_path, 9, **keys)
        return tool.calls[purpose].build(rows, tool.settings, NOON)

    return build


def profile(request):
    return {"request": request}


def test_a_string_that_is_one_expression_keeps_the_type_and_others_are_text(built):
    body = {
        "age": "{{ fields.age }}",
        "tags": "{{ fields.tags }}",
        "told": "{{ fields.age }} years",
        "known": "{{ fields.known }}",
        "zip": "{{ fields.zip }}",
        "spend": "{{ fields.spend }}",
        "born": "{{ fields.born }}",
        "as_it_is": [1, None, True],
    }
    row = change(
        age=41,
        tags=["a", "b"],
        known=None,
        zip="00123",
        spend=Decimal("7.10"),
        born=date(1985, 3, 2),
    )
    request = built([row], **profile({"url": "/people", "json": body}))
    assert json.loads(request.content) == {
        "age": 41,
        "tags": ["a", "b"],
        "told": "41 years",
        "known": None,
        "zip": "00123",
        "spend": "7.10",
        "born": "1985-03-02",
        "as_it_is": [1, None, True],
    }
    assert request.headers["content-type"] == "application/json"


def test_what_is_omitted_is_not_there(built):
    body = {"phone": "{{ fields.phone | default(omit) }}", "all": ["{{ omit }}", "x"]}
    request = built([change(email="a@mail.example")], **profile({"url": "/p", "json": body}))
    assert json.loads(request.content) == {"all": ["x"]}


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ({"json": {"a": {"b": "{{ fields.phone }}"}}}, "profiles.request.json.a.b"),
        ({"json": {"a": "x {{ fields.phone }}"}}, "profiles.request.json.a"),
        ({"json": {"a": "x {{ fields.nothing }}"}}, "profiles.request.json.a"),
        ({"json": {"a": "x {{ fields.tags }}"}}, "profiles.request.json.a"),
        ({"json": {"a": "x {{ omit }}"}}, "profiles.request.json.a"),
        ({"text": "{{ fields.email.missing }}"}, "profiles.request.text"),
        ({"url": "/p/{{ fields.nothing }}"}, "profiles.request.url"),
        ({"url": "/p/{{ fields.dots }}"}, "profiles.request.url"),
        ({"headers": {"x-a": "{{ fields.nothing }}"}}, "profiles.request.headers.x-a"),
    ],
)
def test_a_value_that_is_missing_or_does_not_fit_is_told_by_its_key_alone(built, template, key):
    row = change(email=PLANTED[0], nothing=None, tags=[PLANTED[2]], dots="..")
    with pytest.raises(Unsendable) as raised:
        built([row], **profile({"url": "/p", **template}))
    assert raised.value.reason.startswith(f"template_error {key} ")
    assert not any(secret in raised.value.reason for secret in PLANTED)


def test_a_header_takes_no_line_break(built):
    with pytest.raises(Unsendable, match="control_character"):
        built(
            [change(name="a\r\nx: y")],
            **profile({"url": "/", "headers": {"x": "{{ fields.name }}"}}),
        )


def test_no_number_that_json_does_not_know_leaves(built):
    with pytest.raises(Unsendable, match="not_json"):
        built([change(x=float("nan"))], **profile({"url": "/", "json": {"x": "{{ fields.x }}"}}))


def test_forms_and_texts_are_encoded(built):
    form = {"To": "{{ fields.to }}", "Tags": "{{ fields.tags }}", "Not": "{{ fields.none }}"}
    row = change(to="+1 555&x", tags=["a", "b"], none=None)
    request = built([row], **profile({"url": "/", "form": form}))
    assert request.content == b"To=%2B1+555%26x&Tags=a&Tags=b"
    text = built(
        [row], **profile({"url": "/", "text": "to {{ fields.to }}", "content_type": "a/b"})
    )
    assert (text.content, text.headers["content-type"]) == (b"to +1 555&x", "a/b")


def test_hashes_and_base64_are_at_hand(built):
    body = {
        "h": "{{ fields.e | trim | lower | sha256 }}",
        "d": "{{ [['a', '=', 1]] | tojson | base64url }}",
    }
    request = built([change(e=" A@mail.example")], **profile({"url": "/", "json": body}))
    assert json.loads(request.content) == {
        "h": hashlib.sha256(b"a@mail.example").hexdigest(),
        "d": "W1siYSIsICI9IiwgMV1d",
    }


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"type": "bearer", "token": "${TOOL_TOKEN}"}, "authorization", "Bearer s3cret-token"),
        (
            {"type": "basic", "username": "u", "password": "${TOOL_TOKEN}"},
            "authorization",
            "Basic dTpzM2NyZXQtdG9rZW4=",
        ),
        ({"type": "header", "name": "X-Key", "value": "${TOOL_TOKEN}"}, "x-key", "s3cret-token"),
    ],
)
def test_secrets_go_into_a_header_and_into_no_repr(built, auth, header, value):
    request = built([change()], auth=auth, **profile({"url": "/", "json": {"a": 1}}))
    assert request.headers[header] == value
    assert "s3cret" not in repr(request)


def test_a_message_gives_its_texts_variables_and_facts(built):
    body = {
        "id": "{{ item_id }}",
        "title": "{{ parts.title }}",
        "quote": "{{ variables.quote_id }}",
        "until": "{{ expires_at }}",
        "address": "{{ address }}",
    }
    request = built([outgoing()], "messages", **profile({"url": "/t", "json": body}))
    assert json.loads(request.content) == {
        "id": "t1",
        "title": "Call Ann",
        "quote": "Q-17",
        "until": "2026-03-04T12:00:00Z",
        "address": None,
    }


def test_a_batch_is_wrapped_as_the_template_says(built):
    request = built(
        [change(1), change(2, "remove")],
        batch=10,
        item={"email": "{{ fields.email }}", "gone": "{{ op == 'remove' }}"},
        **profile(
            {"url": "/batch", "json": {"inputs": "{{ items }}", "count": "{{ items | length }}"}}
        ),
    )
    assert json.loads(request.content) == {
        "inputs": [
            {"email": "ann1@mail.example", "gone": False},
            {"email": "ann2@mail.example", "gone": True},
        ],
        "count": 2,
    }


def test_one_item_that_does_not_fit_stops_no_other_of_its_batch(tmp_path):
    form = {
        "batch": 10,
        "item": {"email": "{{ fields.email }}"},
        "request": {"url": "/batch", "json": "{{ items }}"},
        "answer": {"results": {"path": "", "ok": {"path": "ok"}}},
    }
    tool = destination(tmp_path, 9, profiles=form)
    call = tool.call("profiles")
    batch = [change(1), change(2, name="no address"), change(3)]
    request = call.build(batch, tool.settings, NOON)
    assert json.loads(request.content) == [
        {"email": "ann1@mail.example"},
        {"email": "ann3@mail.example"},
    ]
    verdicts = call.verdicts(HttpAnswer(200, {}, b'[{"ok": false}, {"ok": true}]'), batch)
    assert {one.item_id: (one.outcome, one.reason) for one in verdicts} == {
        "k1": ("rejected", "not_ok"),
        "k2": ("rejected", "template_error profiles.item.email UndefinedError"),
        "k3": ("accepted", "ok"),
    }
    with pytest.raises(Unsendable):
        call.build(batch[1:2], tool.settings, NOON)


def test_removals_may_have_a_request_of_their_own_and_are_not_mixed_with_others(built):
    form = {
        "request": {"url": "/people", "json": "{{ fields }}"},
        "remove": {"request": {"method": "DELETE", "url": "/people/{{ item_id }}"}},
    }
    request = built([change(1, "remove")], **form)
    assert (request.method, request.content) == ("DELETE", b"")
    with pytest.raises(ValueError, match="cut the batch"):
        built(
            [change(1), change(2, "remove")],
            batch=10,
            item="{{ item_id }}",
            request={"url": "/add", "json": "{{ items }}"},
            remove={"request": {"url": "/remove", "json": "{{ items }}"}},
        )


@pytest.fixture(scope="module")
def echo():
    with Tool() as running:
        yield running


@given(value=st.text(min_size=1, max_size=12).filter(lambda text: text not in (".", "..")))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_value_stays_within_its_place_of_the_url(echo, tmp_path, value):
    form = profile(
        {"url": "/people/{{ fields.key }}/notes?of={{ fields.key }}&n=1", "method": "GET"}
    )
    tool = destination(tmp_path, echo.port, profiles=form)
    try:
        value.encode()
    except UnicodeEncodeError:
        with pytest.raises(Unsendable):
            tool.calls["profiles"].build([change(key=value)], tool.settings, NOON)
        return
    echo.exchange(tool.calls["profiles"].build([change(key=value)], tool.settings, NOON))
    asked = echo.asked[-1]
    assert asked.query == {"of": value, "n": "1"}
    start, key, end = asked.path.removeprefix("/api").split("/")[1:]
    assert (start, unquote(key), end) == ("people", value, "notes")
