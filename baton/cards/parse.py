"""Reads a card's YAML together with the line of every value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from baton.cards.macro_call import Body, find_body
from baton.cards.problems import Found

Place = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_TEXT = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float", "null", "timestamp")}
_UNREADABLE = "\ufffd"
_ALIAS_MEND = "write the value out: `&` and `*` are not read"


@dataclass(frozen=True)
class ParsedCard:
    """Plain values of a card and the line of each of them in the file; empty values are left out.

    A place is the way from the top, such as `("steps", 2, "when")`.
    """

    values: dict[str, object]
    lines: Mapping[Place, int]

    def line_of(self, place: Place) -> int:
        """Return the line of the place, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def parse_card(text: str) -> tuple[ParsedCard | None, list[Found]]:
    """Return what the file's card says, None when it cannot be read, and what was found."""
    if _UNREADABLE in text:
        line = text.count("\n", 0, text.index(_UNREADABLE)) + 1
        return None, [Found("not_utf8", line, "a character is not UTF-8", "save it as UTF-8")]
    body = find_body(text)
    if isinstance(body, Found):
        return None, [body]
    try:
        return _read(body)
    except yaml.YAMLError as error:
        return None, [_yaml_fault(error, body)]


def read_yaml(text: str) -> ParsedCard | None:
    """Return values and lines of a YAML file that is not a card, None when it holds no mapping."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        return None
    return _parsed(root, 1)[0] if isinstance(root, yaml.MappingNode) else None


def _parsed(root: yaml.MappingNode, first_line: int) -> tuple[ParsedCard, list[Found]]:
    reader = _Reader(first_line)
    values = reader.mapping(root, ())
    return ParsedCard(values, reader.lines), reader.found


def _read(body: Body) -> tuple[ParsedCard | None, list[Found]]:
    for event in yaml.parse(body.text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = body.line + event.start_mark.line
            return None, [Found("yaml_alias", line, "an anchor or alias in the card", _ALIAS_MEND)]
    root = yaml.compose(body.text, Loader=_Loader)
    if not isinstance(root, yaml.MappingNode):
        mend = "start with `journey: <name>` and list the steps under `steps:`"
        return None, [Found("not_a_card", body.line, "the card holds no keys", mend)]
    return _parsed(root, body.line)


def _yaml_fault(error: yaml.YAMLError, body: Body) -> Found:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    line = body.line + (mark.line if mark else 0)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    mend = "look at quotes, brackets and indentation here; quote text that holds `: ` or `#`"
    return Found("yaml_syntax", line, f"not valid YAML: {reason}", mend)


@dataclass
class _Reader:
    first_line: int
    lines: dict[Place, int] = field(default_factory=dict[Place, int])
    found: list[Found] = field(default_factory=list[Found])
    _scalars: yaml.constructor.SafeConstructor = field(
        default_factory=yaml.constructor.SafeConstructor
    )

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        self.lines[place] = self._line(node)
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), self._line(key_node)
            if isinstance(key_node, yaml.ScalarNode) and key_node.tag in _NO_TEXT:
                message = f"`{key}` is not read as a name"
                self.found.append(Found("wrong_type", line, message, f'put it in quotes: "{key}"'))
            if (*place, key) in self.lines:
                self._duplicate(key, line, self.lines[*place, key])
                continue
            self.lines[*place, key] = line
            value = self._value(value_node, (*place, key))
            if value is None:
                mend = "give it a value or take the key out"
                self.found.append(Found("empty_value", line, f"`{key}` has no value", mend))
            else:
                values[key] = value
        return values

    def _value(self, node: yaml.Node, place: Place) -> object:
        self.lines.setdefault(place, self._line(node))
        if isinstance(node, yaml.MappingNode):
            key_line = self.lines[place]
            values = self.mapping(node, place)
            self.lines[place] = key_line
            return values
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*place, at)) for at, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> object:
        try:
            return self._scalars.construct_object(node)  # pyright: ignore[reportUnknownVariableType]
        except (yaml.YAMLError, ValueError):
            line = self._line(node)
            self.found.append(
                Found("wrong_type", line, f"`{node.value}` is no plain value", "put it in quotes")
            )
            return str(node.value)

    def _duplicate(self, key: str, line: int, first: int) -> None:
        mend = f"keep one of them; the first stands on line {first}"
        self.found.append(Found("duplicate_key", line, f"`{key}` is given twice", mend))

    def _line(self, node: yaml.Node) -> int:
        return self.first_line + node.start_mark.line
