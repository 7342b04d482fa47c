"""A step as far as it can be read, so that one slip does not hide the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from baton.cards.durations import seconds_of
from baton.cards.model import ANY
from baton.cards.parse import ParsedCard
from baton.ids import make_id

ENTER = "enter"
TIMER = "timer"


@dataclass(frozen=True)
class Draft:
    """One step of a card that may still hold faults. Lines are those of the file."""

    raw: Mapping[str, object]
    lines: Mapping[str, int]
    line: int

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the step where the key is not given."""
        return self.lines.get(key, self.line)

    def text(self, key: str) -> str | None:
        """Return the text under the key, None where there is none."""
        value = self.raw.get(key)
        return value if isinstance(value, str) else None

    def names(self, key: str) -> tuple[str, ...]:
        """Return the names under the key, which may be one or a list."""
        value = self.raw.get(key)
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        return tuple(sorted({item for item in items if isinstance(item, str)}))

    def given(self, key: str) -> bool:
        """Tell whether the key is written, with or without a usable value."""
        return key in self.lines

    @property
    def is_entry(self) -> bool:
        return not self.given("from")

    @property
    def is_final(self) -> bool:
        return self.text("kind") in {"goal", "exit"}

    @property
    def kind(self) -> str:
        return ENTER if self.is_entry else self.text("kind") or "step"

    @property
    def trigger(self) -> str:
        """The signal's name, or the word timer."""
        return self.text("when") or TIMER

    @property
    def is_whole(self) -> bool:
        """Tell whether it says where it comes from and where it goes."""
        return self.text("to") is not None and (self.is_entry or bool(self.names("from")))

    @property
    def is_instant(self) -> bool:
        """Tell whether it needs neither an event nor a wait that takes time."""
        wait = seconds_of(self.raw.get("after"))
        return not self.given("when") and wait is not None and wait <= 0

    @property
    def condition(self) -> str:
        return condition_id(self.names("if"), self.names("unless"))

    def sources(self, open_steps: frozenset[str]) -> frozenset[str]:
        """Return the steps it leaves; `any` stands for the open ones."""
        names = self.names("from")
        return open_steps if names == (ANY,) else frozenset(names)


def drafts_of(parsed: ParsedCard) -> list[Draft]:
    """Return the steps that are mappings, in the order of the card."""
    steps = parsed.values.get("steps")
    items = cast("list[object]", steps) if isinstance(steps, list) else []
    return [
        Draft(cast("dict[str, object]", item), _lines(parsed, at), parsed.line_of(("steps", at)))
        for at, item in enumerate(items)
        if isinstance(item, dict)
    ]


def transition_id(from_step: str | None, to_step: str, trigger: str) -> str:
    """Return the id of a transition without an explicit one; waits and guards do not enter it."""
    return make_id("transition", from_step, to_step, trigger)


def condition_id(wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> str:
    """Return `always`, or the id of these guards held and those not held.

    Each side is one part of the id, so that `if: [a, b]` and `if: a, unless: b` differ.
    """
    if not wanted and not unwanted:
        return "always"
    return make_id("condition", ",".join(sorted(wanted)), ",".join(sorted(unwanted)))


def _lines(parsed: ParsedCard, at: int) -> dict[str, int]:
    return {
        str(place[2]): line
        for place, line in parsed.lines.items()
        if len(place) == 3 and place[:2] == ("steps", at)  # noqa: PLR2004
    }
