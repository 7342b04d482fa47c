import copy
import json
import re

import pytest
from openapi_core.templating.paths.exceptions import PathError
from published import Contract
from swagger2 import upgraded

from activation.exchange import HttpRequest

TOOL = {
    "openapi": "3.0.1",
    "info": {"title": "tool", "version": "1"},
    "servers": [{"url": "https://tool.example"}],
    "paths": {
        "/people": {
            "post": {
                "operationId": "write",
                "parameters": [{"in": "query", "name": "mode", "schema": {"type": "string"}}],
                "security": [{"key": []}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Person"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"$ref": "#/components/schemas/Person"}
                        },
                    }
                },
                "responses": {"200": {"description": "taken"}},
            },
            "get": {"operationId": "read", "responses": {"200": {"description": "all"}}},
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Person": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "pattern": "^[A-Z]"},
                    "age": {"type": "integer"},
                    "traits": {"type": "object"},
                },
                "required": ["name"],
            }
        },
    },
}
OLD_TOOL = {
    "swagger": "2.0",
    "info": {"title": "tool", "version": "1"},
    "host": "tool.example",
    "basePath": "/v1",
    "schemes": ["https"],
    "securityDefinitions": {"key": {"type": "apiKey", "name": "Authorization", "in": "header"}},
    "paths": {
        "/people/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": True, "type": "string"}],
            "put": {
                "operationId": "write",
                "consumes": ["application/json"],
                "parameters": [
                    {"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Person"}}
                ],
                "security": [{"key": []}],
                "responses": {},
            },
        }
    },
    "definitions": {"Person": TOOL["components"]["schemas"]["Person"]},
}


def request(body=b'{"name": "Ann"}', *, method="POST", path="/people", **headers):
    given = {"authorization": "Bearer key", "content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return HttpRequest(method, f"https://tool.example{path}", given, body)


def form(body):
    return request(body, content_type="application/x-www-form-urlencoded; charset=utf-8")


@pytest.mark.parametrize(
    "good",
    [
        request(),
        request(path="/people?mode=fast"),
        request(b'{"name": "Ann", "traits": {"any": [1]}}'),
        form(b"name=Ann&age=7"),
        request(b"", method="GET"),
    ],
)
def test_what_the_contract_says_passes(good):
    Contract(TOOL).accepts(good)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (request(b"{}"), "'name' is a required property"),
        (request(b'{"name": "ann"}'), "does not match"),
        (request(b'{"name": "Ann", "agge": 7}'), "agge"),
        (request(b"name=Ann"), "deserialize"),
        (request(b"", method="POST"), "no body"),
        (request(path="/people?mood=fast"), "mood"),
        (request(b"{}", method="GET"), "a body"),
        (request(authorization="key"), "Security"),
        (request(content_type="text/plain"), "text/plain"),
        (form(b"name=Ann&agge=7"), "agge"),
        (form(b"name=Ann&age=seven"), "seven"),
        (form(b"age=7"), "'name' is a required property"),
    ],
)
def test_what_the_contract_does_not_say_is_refused(bad, why):
    told = Contract(TOOL)
    assert why in told.refuses(bad)
    with pytest.raises(AssertionError):
        told.accepts(bad)


def test_a_refusal_that_does_not_come_fails():
    with pytest.raises(AssertionError, match="allows"):
        Contract(TOOL).refuses(request())


@pytest.mark.parametrize(
    "unknown",
    [
        request(path="/persons"),
        request(method="DELETE"),
        HttpRequest("POST", "https://other.example/people", {}, b"{}"),
        HttpRequest("POST", "https://tool.example/v2/people", {}, b"{}"),
    ],
)
def test_an_operation_that_is_not_found_is_neither_accepted_nor_refused(unknown):
    for judge in (Contract(TOOL).accepts, Contract(TOOL).refuses):
        with pytest.raises(PathError):
            judge(unknown)


def broken(change):
    document = copy.deepcopy(TOOL)
    change(document["components"]["schemas"]["Person"]["properties"])
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda properties: properties.update(name={"$ref": "#/components/schemas/Nowhere"}),
        lambda properties: properties.update(name={"type": "text"}),
        lambda properties: properties.update(name={"type": "string", "minLength": "two"}),
    ],
)
def test_a_schema_that_cannot_be_read_is_an_error(change):
    with pytest.raises(Exception) as found:  # each has a kind of its own
        Contract(broken(change)).accepts(request())
    assert not isinstance(found.value, AssertionError)


def test_a_pattern_that_cannot_be_compiled_is_an_error():
    with pytest.raises(re.error):
        Contract(broken(lambda one: one.update(name={"type": "string", "pattern": "["})))


def test_an_open_contract_takes_more_fields_but_no_wrong_ones():
    told = Contract(TOOL, is_closed=False)
    told.accepts(request(b'{"name": "Ann", "more": 7}'))
    assert told.refuses(request(b'{"name": 7}'))


def put(body, path="/v1/people/p%201"):
    return request(json.dumps(body).encode(), method="PUT", path=path)


def test_an_older_contract_says_the_same_of_requests():
    told = Contract(upgraded(OLD_TOOL))
    told.accepts(put({"name": "Ann", "traits": {"x": 1}}))
    assert "required" in told.refuses(put({}))
    assert "more" in told.refuses(put({"name": "Ann", "more": 1}))
    with pytest.raises(PathError):
        told.accepts(put({"name": "Ann"}, path="/people/p1"))


@pytest.mark.parametrize(
    "change",
    [
        {"definitions": {}},
        {"securityDefinitions": {"key": {"type": "magic"}}},
    ],
)
def test_an_older_contract_that_is_not_understood_is_an_error(change):
    with pytest.raises((KeyError, ValueError)):
        upgraded(OLD_TOOL | change)
