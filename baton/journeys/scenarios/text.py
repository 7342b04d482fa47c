"""Reads YAML together with the line of every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from baton.cards import Found

Place = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class ParsedText:
    """Plain values and the line of each, by the way from the top such as `("loads", 0, "at")`."""

    values: object
    lines: Mapping[Place, int]

    def line_of(self, place: Place) -> int:
        """Return the line of the place, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def parse_text(text: str) -> tuple[ParsedText | None, list[Found]]:
    """Return what the YAML says, None when it cannot be read, and what was found."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        values: object = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError) as error:
        return None, [_fault(error)]
    if root is None:
        mend = "start with `journey: <name>` and list the scenarios under `scenarios:`"
        return None, [Found("empty_file", 1, "the file is empty", mend)]
    lines: dict[Place, int] = {}
    found: list[Found] = []
    _walk(root, (), lines, found)
    return ParsedText(values, lines), found


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], found: list[Found]) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                found.append(_twice(str(key.value), key.start_mark.line + 1, lines[inner]))
                continue
            lines[inner] = key.start_mark.line + 1
            _walk(value, inner, lines, found)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*place, number), lines, found)


def _twice(key: str, line: int, first: int) -> Found:
    mend = f"keep one of them; the first stands on line {first}"
    return Found("duplicate_key", line, f"`{key}` is given twice", mend)


def _fault(error: Exception) -> Found:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error) or "cannot be read"
    mend = "look at quotes, brackets and indentation here"
    return Found("yaml_syntax", mark.line + 1 if mark else 1, f"not valid YAML: {reason}", mend)
