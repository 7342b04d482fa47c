import json
from pathlib import Path

import jsonschema
import pytest
from http_tool import LIMIT, destination

from activation.destinations.http.schema import SCHEMA_PATH, json_schema, schema_text
from baton.errors import UsageError

ROOT = Path(__file__).parents[2]
ASK = {"method": "GET", "url": "/issues?key={{ item_id }}"}
POST = {"url": "/issues", "json": {"title": "{{ parts.title }}"}}
ROW = {"url": "/rows", "json": {"email": "{{ fields.email }}"}}
LOOK = {"name": "issue", "request": ASK, "found": "0.id"}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "takes nothing: give one of messages"),
        ({"messages": {"request": POST}, "colour": "red"}, "colour"),
        ({"messages": {"request": POST, "colour": "red"}}, "messages.colour"),
        ({"messages": {"request": {"url": "issues"}}}, "messages.request.*url"),
        ({"messages": {"request": {**POST, "method": "SHOUT"}}}, "method"),
        ({"messages": {"request": {**POST, "text": "x"}}}, "one of json, form and text"),
        (
            {"messages": {"request": {"url": "/", "json": {"to": ["{{ adress }}"]}}}},
            r"messages.request.json.to.0 uses adress: use .*address",
        ),
        ({"messages": {"request": {"url": "/{{ fields.x }}"}}}, "messages.request.url uses fields"),
        ({"profiles": {"request": {"url": "/{{ parts.x }}"}}}, "profiles.request.url uses parts"),
        (
            {"profiles": {"request": {"url": "/", "headers": {"x-a": "{{ y }}"}}}},
            "profiles.request.headers.x-a uses y",
        ),
        (
            {"profiles": {"request": {"url": "/", "json": "{{ fields | shout }}"}}},
            "profiles.request.json: cannot be read as a template: No filter named 'shout'",
        ),
        (
            {"profiles": {"request": {"url": "/", "json": "{{ fields"}}},
            "profiles.request.json: cannot be read",
        ),
        ({"messages": {"request": POST, "retry_class": "N"}}, "retry_class N needs"),
        (
            {
                "messages": {
                    "request": POST,
                    "retry_class": "N",
                    "look_up": [LOOK],
                    "if_found": "accept",
                }
            },
            "retry_class N needs",
        ),
        ({"messages": {"request": POST, "retry_class": "Z"}}, "retry_class"),
        (
            {"messages": {"request": POST}, "limit": {"rate": None, "per_seconds": 1}},
            "give rate and per_seconds",
        ),
        ({"profiles": {"request": ROW, "batch": 10}}, "batch over 1 and item belong together"),
        (
            {"profiles": {"request": ROW, "batch": 10, "item": "{{ item_id }}"}},
            "profiles.request.json.email uses fields: use items",
        ),
        (
            {"profiles": {"request": {"url": "/"}, "batch": 10, "item": "{{ item_id }}"}},
            "no template of the request uses items",
        ),
        ({"messages": {"request": POST, "look_up": [LOOK]}}, "if_found belong together"),
        ({"messages": {"request": POST, "if_found": "accept"}}, "if_found belong together"),
        ({"messages": {"request": "accept"}}, "without a look-up there must be a request"),
        (
            {
                "messages": {
                    "request": POST,
                    "if_found": "accept",
                    "look_up": [LOOK | {"name": "I"}],
                }
            },
            "look_up.0.name",
        ),
        (
            {
                "messages": {
                    "look_up": [LOOK, {**LOOK, "name": "customer", "required": True}],
                    "request": POST,
                    "if_found": "accept",
                }
            },
            "what the item hangs on before the item itself",
        ),
        (
            {
                "messages": {
                    "look_up": [LOOK],
                    "request": {"url": "/{{ issue.id }}"},
                    "if_found": "accept",
                }
            },
            "messages.request.url uses issue",
        ),
        ({"messages": {"request": POST, "answer": {"accepted": [20]}}}, "accepted"),
        ({"messages": {"request": POST, "answer": {"codes": {"a": "lost"}}}}, "codes"),
        (
            {"messages": {"request": POST, "answer": {"results": {"path": "", "by": "key"}}}},
            "need field",
        ),
        (
            {
                "messages": {
                    "request": POST,
                    "job": {
                        "id": "id",
                        "request": {"url": "/{{ item_id }}"},
                        "done": {"path": "x"},
                    },
                }
            },
            "messages.job.request.url uses item_id: use job_id",
        ),
        (
            {
                "messages": {
                    "request": POST,
                    "reconcile": {"found": "", "request": {"url": "/{{ x }}"}},
                }
            },
            "messages.reconcile.request.url uses x",
        ),
        ({"messages": {"request": POST}, "auth": {"type": "bearer"}}, "auth.bearer.token"),
        ({"messages": {"request": POST}, "auth": {"type": "magic"}}, "auth"),
        ({"messages": {"request": POST}, "limit": {"rate": 5}}, "limit.per_seconds"),
        ({"messages": {"request": POST}, "limit": None}, "limit"),
        ({"messages": {"request": POST}, "base_url": "desk"}, "base_url"),
    ],
)
def test_a_mistake_is_told_with_destination_and_key(tmp_path, keys, told):
    with pytest.raises(UsageError, match=rf"(?s){told}.*destinations.yml, tool"):
        destination(tmp_path, 9, **keys)


def test_a_wrong_secret_is_never_shown(tmp_path):
    keys = {
        "messages": {"request": POST},
        "auth": {"type": "bearer", "token": {"x": "${TOOL_TOKEN}"}},
    }
    with pytest.raises(UsageError) as raised:
        destination(tmp_path, 9, **keys)
    assert "s3cret" not in str(raised.value)


def test_facts_come_from_the_keys_and_look_ups_share_the_rate(tmp_path):
    form = {"request": POST, "look_up": [LOOK], "if_found": "accept", "retry_class": "U"}
    limit = {"rate": 10, "per_seconds": 2, "concurrency": 3, "daily": 1000}
    tool = destination(tmp_path, 9, messages=form, limit=limit)
    facts = tool.call("messages").facts
    assert (facts.retry_class, facts.batch, facts.auth) == ("U", 1, "none")
    effective = tool.settings.limit.over(facts.limit)
    assert (effective.rate, effective.per_seconds) == (5, 2)
    assert (effective.concurrency, effective.daily) == (3, 500)


def test_a_purpose_that_is_not_configured_is_refused(tmp_path):
    with pytest.raises(UsageError, match="tool takes no audiences"):
        destination(tmp_path, 9, messages={"request": POST}).call("audiences")


def test_an_explicit_null_of_a_body_stays(tmp_path):
    form = {"request": {"url": "/", "json": {"a": None, "b": ["${TOOL_TOKEN}"]}}}
    tool = destination(tmp_path, 9, profiles=form)
    assert tool.settings.profiles.request.json_body == {"a": None, "b": ["s3cret-token"]}


def test_the_schema_in_the_docs_is_the_current_one():
    mend = "write it: python -m activation.destinations.http.schema"
    assert (ROOT / SCHEMA_PATH).read_text() == schema_text(), mend


def test_the_schema_takes_what_the_settings_take_and_refuses_an_unknown_key():
    form = {
        "look_up": [LOOK],
        "request": POST,
        "if_found": "accept",
        "answer": {"accepted": ["2xx"]},
    }
    tool = {
        "type": "http",
        "base_url": "${TOOL_URL}",
        "limit": LIMIT | {"rate": "${TOOL_RATE:-5}"},
        "auth": {"type": "bearer", "token": "${TOOL_TOKEN}"},
        "messages": form,
    }
    mail = {"type": "smtp", "host": "h"}
    jsonschema.validate({"destinations": {"tool": tool, "mail": mail}}, json_schema())
    wrong = json.loads(json.dumps(tool).replace("if_found", "if_find"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"destinations": {"tool": wrong}}, json_schema())
