"""Says in the card's words what pydantic found wrong with its shape."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from baton.cards.hints import name_hint, near_hint
from baton.cards.model import Card, Need, Part, Raci, Step
from baton.cards.parse import ParsedCard, Place
from baton.cards.problems import Found

_TYPES = {
    "string_type": "text; put it in quotes if it looks like a number, a date or yes/no",
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of targets to percentages, such as `{short: 50, long: 50}`",
    "model_type": "a mapping of keys, such as `{to: …, when: …, why: …}`",
}
_PARTS: dict[str, type[Part]] = {"steps": Step, "raci": Raci, "needs": Need}
_RANGE = ("out_of_range", "is out of range", "use a whole number from 1 to 1000")
_EMPTY = ("empty_value", "has no value", "give it a value or take the key out")
_FAULTS = {
    "string_pattern_mismatch": (
        "bad_name",
        "is not a name",
        "use small letters, digits and `_`, starting with a letter",
    ),
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "greater_than_equal": _RANGE,
    "less_than_equal": _RANGE,
}


def card_of(parsed: ParsedCard) -> tuple[Card | None, list[Found]]:
    """Return the card when its shape is right, and every fault of its shape."""
    try:
        return Card.model_validate(parsed.values), []
    except ValidationError as error:
        faults = [_found(detail, parsed) for detail in error.errors(include_url=False)]
        return None, [fault for fault in faults if fault]


def keys_of(part: type[Part]) -> frozenset[str]:
    """Return the keys that a part of a card may have, as they are written."""
    return frozenset(field.alias or name for name, field in part.model_fields.items())


def _found(detail: ErrorDetails, parsed: ParsedCard) -> Found | None:
    place: Place = tuple(part for part in detail["loc"] if not str(part).startswith("["))
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return None if place in parsed.lines else _missing(place, parsed)
    code, message, mend = _said(kind, place, context)
    if code == "bad_value":
        values = re.findall(r"'(\w+)'", context["expected"])
        mend = near_hint(str(detail["input"]), values) or mend
    return Found(code, parsed.line_of(place), f"{_label(place)} {message}", mend)


def _missing(place: Place, parsed: ParsedCard) -> Found:
    whole = "the card" if len(place) == 1 else "the step"  # nothing else misses a key
    line = parsed.line_of(place[:-1])
    mend = f"add `{place[-1]}: …`"
    return Found("missing_key", line, f"{whole} has no `{place[-1]}`", mend)


def _said(kind: str, place: Place, context: dict[str, Any]) -> tuple[str, str, str]:
    if kind == "extra_forbidden":
        return "unknown_key", "is not a key Baton knows", _key_hint(place)
    if kind == "literal_error":
        return "bad_value", "is none of the values it may have", f"use {context['expected']}"
    if kind in _TYPES:
        return "wrong_type", "has the wrong type", f"it must be {_TYPES[kind]}"
    return _FAULTS.get(kind) or (kind, context["message"], context["mend"])


def _key_hint(place: Place) -> str:
    key, part = str(place[-1]), _PARTS[str(place[0])] if len(place) > 1 else Card
    return name_hint(key, keys_of(part), f"use one of {', '.join(sorted(keys_of(part)))}")


def _label(place: Place) -> str:
    names = [part for part in place if isinstance(part, str)]
    if names in (["steps"], ["needs"]) and len(place) > 1:
        return f"{names[0][:-1]} {int(place[-1]) + 1}"
    return f"`{names[-1]}`"
