"""Finds the card's text inside the model's file: `{% call journey() %} … {% endcall %}`."""

import re
from dataclasses import dataclass

from baton.cards.problems import Found

_OPEN = re.compile(r"\{%\s*call\s+journey\s*\(\s*\)\s*%\}")
_CLOSE = re.compile(r"\{%\s*endcall\s*%\}")
_ALMOST = re.compile(r"\{%[^%]*\bcall\b[^%]*%\}|\bjourney\s*\(")
_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA = re.compile(r"\{\{|\{%|\{#")
_HARMLESS = re.compile(r"--[^\n]*|/\*.*?\*/|\{\{-?\s*config\b.*?\}\}", re.DOTALL)
_MEND = "the file holds one `{% call journey() %}`, the card, and `{% endcall %}`"


@dataclass(frozen=True)
class Body:
    """The YAML of a card and the line of the file its first character stands on."""

    text: str
    line: int


def find_body(text: str) -> Body | Found:
    """Return the card's YAML, or what is wrong with the macro call around it."""
    visible = _JINJA_COMMENT.sub(_blank, text)
    opened = list(_OPEN.finditer(visible))
    if not opened:
        return _without_call(visible)
    if len(opened) > 1:
        line = _line_at(text, opened[1].start())
        return Found("call_repeated", line, "a second card in one file", _MEND)
    closed = _CLOSE.search(visible, opened[0].end())
    if closed is None:
        line = _line_at(text, opened[0].start())
        return Found("call_not_closed", line, "the card has no `{% endcall %}`", _MEND)
    return _body_between(text, visible, opened[0], closed)


def _body_between(
    text: str, visible: str, opened: re.Match[str], closed: re.Match[str]
) -> Body | Found:
    inside = _JINJA.search(text, opened.end(), closed.start())
    if inside:
        line = _line_at(text, inside.start())
        mend = "a card is plain YAML: write the value out, and comments with `#`"
        return Found("jinja_in_card", line, "Jinja inside a card", mend)
    around = _blank_span(visible, opened.start(), closed.end())
    stray = re.search(r"\S", _HARMLESS.sub(_blank, around))
    if stray:
        line = _line_at(text, stray.start())
        mend = f"take it out: {_MEND}"
        return Found("text_outside_card", line, "something stands beside the card", mend)
    return Body(text[opened.end() : closed.start()], _line_at(text, opened.end()))


def _without_call(visible: str) -> Found:
    almost = _ALMOST.search(visible)
    if almost is None:
        return Found("call_missing", 1, "no card here: `{% call journey() %}` is missing", _MEND)
    line = _line_at(visible, almost.start())
    mend = "write exactly `{% call journey() %}`, without arguments or `-`"
    return Found("call_broken", line, "the macro call is not one Baton reads", mend)


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _blank_span(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
