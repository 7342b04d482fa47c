"""Scenario files: found, read strictly, and compared with the words of the project."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from baton.cards import Card, Found, render
from baton.cards import Project as CardProject
from baton.cards.hints import name_hint, near_hint
from baton.cards.problems import in_order
from baton.errors import CheckFailed, UsageError
from baton.journeys.scenarios.meaning import meaning_faults
from baton.journeys.scenarios.shape import Scenario, ScenarioText, keys_at
from baton.journeys.scenarios.text import ParsedText, parse_text

SCENARIOS = Path("models/journeys/scenarios")

_TYPES = {
    "string_type": "it must be text; put it in quotes if it looks like a number, a date or yes/no",
    "list_type": "it must be a list",
    "dict_type": "it must be a mapping",
    "model_type": "it must be a mapping of keys",
}
_EMPTY = ("empty_value", "is empty", "give it a value")
_FAULTS = {
    "too_short": _EMPTY,
    "string_too_short": _EMPTY,
    "string_pattern_mismatch": (
        "bad_name",
        "is not a name",
        "use small letters, digits and `_`, starting with a letter",
    ),
}


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file that fits the project. `lines` are those of its scenarios, in order."""

    path: Path
    journey: str
    scenarios: tuple[Scenario, ...]
    lines: tuple[int, ...]


def read_scenarios(cards: CardProject, journeys: Iterable[str] = ()) -> list[ScenarioFile]:
    """Return the scenario files of a dbt project, or of these journeys only, by name.

    Raises CheckFailed with every problem when a file is wrong, and UsageError when there is no
    scenario for one of `journeys`.
    """
    wanted = frozenset(journeys)
    known = {one.path.stem: one.checked.card for one in cards.cards}
    read = [_Read(path, cards, known) for path in sorted((cards.folder / SCENARIOS).glob("*.yml"))]
    chosen = [one for one in read if not wanted or one.journey in wanted]
    problems = [fault.in_file(one.path.as_posix()) for one in chosen for fault in one.faults]
    if problems:
        listed = render(in_order(problems))
        raise CheckFailed(f"{len(problems)} to mend in scenarios\n{listed}")
    missing = sorted(wanted - {one.journey for one in chosen})
    if missing:
        raise UsageError(
            f"no scenario for {', '.join(missing)}",
            where=str(Path(cards.folder.name) / SCENARIOS),
            mend="see docs/how-to/try_a_journey.md",
        )
    return [file for one in chosen for file in one.files()]


class _Read:
    """One file as far as it could be read."""

    def __init__(self, path: Path, cards: CardProject, known: dict[str, Card | None]) -> None:
        self.path = path.relative_to(cards.folder.parent)
        text = path.read_text(encoding="utf-8", errors="replace")
        parsed, self.faults = parse_text(text)
        self._text: ScenarioText | None = None
        self._parsed = parsed
        if parsed is not None:
            self._text, shape = _text_of(parsed)
            self.faults += shape
            if self._text is not None:
                self.faults += meaning_faults(self._text, parsed, cards.vocabulary, known)
        self.journey = self._text.journey if self._text else path.stem

    def files(self) -> Iterator[ScenarioFile]:
        if self._text is not None and self._parsed is not None:
            count = range(len(self._text.scenarios))
            lines = tuple(self._parsed.line_of(("scenarios", number)) for number in count)
            yield ScenarioFile(self.path, self.journey, tuple(self._text.scenarios), lines)


def _text_of(parsed: ParsedText) -> tuple[ScenarioText | None, list[Found]]:
    try:
        return ScenarioText.model_validate(parsed.values), []
    except ValidationError as error:
        return None, [_found(one, parsed) for one in error.errors(include_url=False)]


def _found(detail: ErrorDetails, parsed: ParsedText) -> Found:
    place, kind = detail["loc"], detail["type"]
    if kind == "missing":
        what = f"{_label(place[:-1])} has no `{place[-1]}`"
        return Found("missing_key", parsed.line_of(place), what, "add it")
    code, message, mend = _said(detail)
    return Found(code, parsed.line_of(place), f"{_label(place)} {message}", mend)


def _said(detail: ErrorDetails) -> tuple[str, str, str]:
    place, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        keys = keys_at(place[:-1])
        mend = name_hint(str(place[-1]), keys, f"use one of {', '.join(keys)}")
        return "unknown_key", "is not a key that stands here", mend
    if kind == "literal_error":
        near = near_hint(str(detail["input"]), re.findall(r"'(\w+)'", context["expected"]))
        return (
            "bad_value",
            "is none of the values it may have",
            near or f"use {context['expected']}",
        )
    if kind in _TYPES:
        return "wrong_type", "has the wrong type", _TYPES[kind]
    return _FAULTS.get(kind) or (kind, detail["msg"], context.get("mend", "see the message"))


def _label(place: tuple[str | int, ...]) -> str:
    if not place:
        return "the file"
    names = [part for part in place if isinstance(part, str)]
    return f"`{names[-1]}` {place[-1] + 1}" if isinstance(place[-1], int) else f"`{names[-1]}`"
