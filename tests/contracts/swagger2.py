"""OpenAPI 2 contracts as OpenAPI 3.1: the requests alone, by what the two say of each other.

Raises KeyError or ValueError for what it does not know, so that nothing is dropped in silence.
"""

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_TOLD = frozenset({"description", "name", "in", "required", "collectionFormat"})
_SCHEMES = {"apiKey", "oauth2"}


def upgraded(document):
    """The same operations, security and schemas; of answers nothing is kept."""
    scheme = "https" if "https" in document["schemes"] else document["schemes"][0]
    host = document["host"]
    hosts = dict.fromkeys([f"https://{host}", f"{scheme}://{host}"])
    return {
        "openapi": "3.1.0",
        "info": {"title": document["info"]["title"], "version": "2"},
        "servers": [{"url": f"{one}{document.get('basePath', '')}"} for one in hosts],
        "paths": {path: _path(item, document) for path, item in document["paths"].items()},
        "components": {
            "schemas": _used(document),
            "securitySchemes": {
                name: _security(one) for name, one in document["securityDefinitions"].items()
            },
        },
    }


def _path(item, document):
    given = {"parameters": [_parameter(one, document) for one in item.get("parameters", [])]}
    return given | {method: _operation(item[method], document) for method in _METHODS
                    if method in item}  # fmt: skip


def _operation(operation, document):
    given = [_resolved(one, document) for one in operation.get("parameters", [])]
    consumes = operation.get("consumes") or document.get("consumes", ["application/json"])
    plain = [one for one in given if one["in"] not in ("body", "formData")]
    new = {
        "operationId": operation["operationId"],
        "parameters": [_parameter(one, document) for one in plain],
        "security": operation.get("security", document.get("security", [])),
        "responses": {"default": {"description": "not looked at"}},
    }
    schema = _body(given)
    if schema is None:
        return new
    content = {kind: {"schema": schema} for kind in consumes}
    return new | {"requestBody": {"required": True, "content": content}}


def _body(given):
    bodies = [one["schema"] for one in given if one["in"] == "body"]
    fields = [one for one in given if one["in"] == "formData"]
    if bodies:
        (body,) = bodies
        return _schema(body)
    if not fields:
        return None
    return {
        "type": "object",
        "properties": {one["name"]: _plain_schema(one) for one in fields},
        "required": [one["name"] for one in fields if one.get("required")],
    }


def _parameter(given, document):
    one = _resolved(given, document)
    if one["in"] not in ("path", "query", "header"):
        raise ValueError(f"a parameter in {one['in']}")
    return {
        "name": one["name"],
        "in": one["in"],
        "required": one.get("required", False),
        "schema": _plain_schema(one),
    }


def _plain_schema(parameter):
    return {key: value for key, value in parameter.items() if key not in _TOLD}


def _resolved(part, document):
    if "$ref" not in part:
        return part
    _, kind, name = part["$ref"].split("/", 2)
    return document[kind][name.replace("~1", "/")]


def _schema(part):
    if isinstance(part, list):
        return [_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: value.replace("#/definitions/", "#/components/schemas/")
        if key == "$ref"
        else _schema(value)
        for key, value in part.items()
    }


def _used(document):
    """The definitions that a request can reach; others may be what 3.1 does not know."""
    found = {}
    waiting = [_names(_operation(item[m], document)) for item in document["paths"].values()
               for m in _METHODS if m in item]  # fmt: skip
    while waiting:
        for name in waiting.pop() - found.keys():
            found[name] = _schema(document["definitions"][name])
            waiting.append(_names(found[name]))
    return found


def _names(part):
    if isinstance(part, list):
        return set().union(*map(_names, part))
    if not isinstance(part, dict):
        return set()
    if isinstance(part.get("$ref"), str):
        return {part["$ref"].removeprefix("#/components/schemas/")}
    return set().union(*map(_names, part.values()))


def _security(one):
    if one["type"] not in _SCHEMES:
        raise ValueError(f"a security scheme of type {one['type']}")
    if one["type"] == "apiKey":
        return {key: one[key] for key in ("type", "name", "in")}
    return {"type": "http", "scheme": "bearer"}
