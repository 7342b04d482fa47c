"""The JSON Schema of a card, for editors. It knows shapes; `baton check` knows meaning too."""

import json
from pathlib import Path
from typing import Any, cast

from baton.cards.governance import NEED_KINDS
from baton.cards.model import Card

SCHEMA_PATH = Path("docs/reference/journey.schema.json")


def _any_of(*keys: str) -> dict[str, Any]:
    return {"anyOf": [{"required": [key]} for key in keys]}


_ENDS = {"properties": {"kind": {"enum": ["goal", "exit"]}}, "required": ["kind"]}
_STEP_RULES: dict[str, Any] = {
    "description": "One transition: an entry without `from`, or a move out of a step.",
    "allOf": [
        {"oneOf": [{"required": ["to"]}, {"required": ["split"]}]},
        {"oneOf": [_any_of("when"), _any_of("enters"), _any_of("leaves"), _any_of("after", "at")]},
        _any_of("from", "when", "enters", "leaves"),
        {"if": _ENDS, "then": {"not": _any_of("do", "split")}},
    ],
    "dependentRequired": {"days": ["at"], "on_block": ["do"]},
}


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a card's YAML, made from the model."""
    schema = _without_nulls(Card.model_json_schema())
    schema["$defs"]["Step"].update(_STEP_RULES)
    schema["$defs"]["Need"]["oneOf"] = [{"required": [kind]} for kind in NEED_KINDS]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Baton journey card",
        "description": "The YAML inside `{% call journey() %}` … `{% endcall %}`.",
    }
    return {**schema, **head}


def write_json_schema(root: Path) -> Path:
    """Write the schema under the project's root and return its path."""
    path = root / SCHEMA_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema_text(), encoding="utf-8")
    return path


def schema_text() -> str:
    """Return the schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _without_nulls(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_nulls(item) for item in cast("list[Any]", part) if item != _NULL]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _without_nulls(value)
        for key, value in cast("dict[str, Any]", part).items()
        if not (key == "default" and value is None) and not (key == "title" and _is_text(value))
    }
    only = kept.get("anyOf", [])
    return {**kept.pop("anyOf")[0], **kept} if len(only) == 1 else kept


_NULL = {"type": "null"}


def _is_text(value: object) -> bool:
    return isinstance(value, str)
