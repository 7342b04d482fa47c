"""The JSON Schema of destinations.yml for editors: it knows `type: http` whole, others by name."""

import json
from pathlib import Path
from typing import Any, cast

from activation.destinations.http.settings import HttpSettings

SCHEMA_PATH = Path("docs/reference/destinations.schema.json")
_FROM_ENVIRONMENT = {"type": "string", "pattern": r"\$\{[A-Z][A-Z0-9_]*(:-[^}]*)?\}"}


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made from the settings; numbers may come as `${VARIABLE}`."""
    settings = _open_to_variables(HttpSettings.model_json_schema())
    definitions = settings.pop("$defs")
    kind = {"properties": {"type": {"const": "http"}}, "required": ["type"]}
    destination = {
        "type": "object",
        "required": ["type"],
        "if": kind,
        "then": {"$ref": "#/$defs/HttpSettings"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Baton destinations",
        "description": "activation/destinations.yml",
        "type": "object",
        "required": ["destinations"],
        "properties": {"destinations": {"additionalProperties": destination}},
        "$defs": {**definitions, "HttpSettings": settings},
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _open_to_variables(part: Any) -> Any:
    if isinstance(part, list):
        return [_open_to_variables(item) for item in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    given = cast("dict[str, Any]", part)
    kept = {
        key: _open_to_variables(value)
        for key, value in given.items()
        if key != "format" and not (key == "title" and isinstance(value, str))
    }
    is_number = kept.get("type") in ("integer", "number")
    return {"anyOf": [kept, _FROM_ENVIRONMENT]} if is_number else kept


if __name__ == "__main__":
    SCHEMA_PATH.write_text(schema_text(), encoding="utf-8")
