"""The published models of AWS's APIs, as botocore (Apache-2.0) carries them."""

import json
from base64 import b64decode
from functools import cache
from urllib.parse import parse_qsl, urlsplit

import botocore.session
from botocore.validate import ParamValidator


@cache
def model(service, operation):
    """The model of an operation."""
    session = botocore.session.get_session()
    return session.get_service_model(service).operation_model(operation)


def errors_of(service, operation):
    """Status and code of each error that an operation may answer with, beside those of all AWS."""
    return {
        (shape.metadata["error"]["httpStatusCode"], shape.metadata["error"].get("code", shape.name))
        for shape in model(service, operation).error_shapes
    }


def faults(service, operation, request):
    """What the model finds wrong with a request: place, members, types, lengths of lists."""
    found, told = model(service, operation), urlsplit(request.url)
    if (request.method, told.path) != (found.http["method"], found.http["requestUri"]):
        return ["place"]
    is_json = found.service_model.protocol == "rest-json"
    try:
        given = json.loads(request.content) if is_json else _from_query(request, found)
    except ValueError:
        return ["content"]
    if not isinstance(given, dict):
        return ["action"]
    unknown = list(_unknown(given, found.input_shape))
    if unknown:
        return unknown
    try:
        native = _native(given, found.input_shape)
    except ValueError:
        return ["blob"]
    report = ParamValidator().validate(native, found.input_shape)
    return [report.generate_report()] if report.has_errors() else []


def _from_query(request, found):
    fields = dict(parse_qsl(request.content.decode()))
    version = found.service_model.api_version
    if (fields.pop("Action", None), fields.pop("Version", None)) != (found.name, version):
        return None
    entries = {}
    for name in [name for name in fields if name.startswith("MessageAttributes.entry.")]:
        _, _, number, *path = name.split(".")
        entry = entries.setdefault(number, {"Value": {}})
        place = entry["Value"] if path[0] == "Value" else entry
        place[path[-1]] = fields.pop(name)
    if list(entries) != [str(n) for n in range(1, len(entries) + 1)]:
        return None
    attributes = {entry.pop("Name"): entry["Value"] for entry in entries.values()}
    return fields | ({"MessageAttributes": attributes} if attributes else {})


def _unknown(value, shape, at=""):
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from (f"{at}.{name}" for name in value if name not in shape.members)
        for name in value.keys() & shape.members.keys():
            yield from _unknown(value[name], shape.members[name], f"{at}.{name}")
    if shape.type_name == "list" and isinstance(value, list):
        for one in value:
            yield from _unknown(one, shape.member, at)
    if shape.type_name == "map" and isinstance(value, dict):
        for one in value.values():
            yield from _unknown(one, shape.value, at)


def _native(value, shape):
    """Values as the validator takes them: blobs as bytes."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: _native(one, shape.members[name]) for name, one in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_native(one, shape.member) for one in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _native(one, shape.value) for name, one in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return b64decode(value, validate=True)
    return value
