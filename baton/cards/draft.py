"""A step as far as it can be read, so that one slip does not hide the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from baton.cards.durations import seconds_of
from baton.cards.local_times import DAYS, days_of
from baton.cards.parse import ParsedCard
from baton.cards.words import ANY, ENTER, FINAL, condition_id, trigger_word

EVENT_KEYS = ("when", "enters", "leaves")
EDGE_KEYS = ("enters", "leaves")
TIMER_KEYS = ("after", "at")


@dataclass(frozen=True)
class Draft:
    """One step of a card that may still hold faults.

    Lines are those of the file, by key, or by `split.<target>` and `do.<target>`.
    """

    raw: Mapping[str, object]
    lines: Mapping[str, int]
    line: int

    def line_of(self, *keys: str) -> int:
        """Return the line of the first of the keys that is given, else that of the step."""
        return next((self.lines[key] for key in keys if key in self.lines), self.line)

    def text(self, key: str) -> str | None:
        """Return the text under the key, None where there is none."""
        value = self.raw.get(key)
        return value if isinstance(value, str) else None

    def names(self, key: str) -> tuple[str, ...]:
        """Return the names under the key, which may be one or a list."""
        value = self.raw.get(key)
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        return tuple(sorted({item for item in items if isinstance(item, str)}))

    def mapping(self, key: str) -> Mapping[str, object]:
        """Return the mapping under the key, an empty one where there is none."""
        value = self.raw.get(key)
        return cast("dict[str, object]", value) if isinstance(value, dict) else {}

    def given(self, *keys: str) -> tuple[str, ...]:
        """Return those of the keys that are written, with or without a usable value."""
        return tuple(key for key in keys if key in self.lines)

    @property
    def targets(self) -> tuple[str, ...]:
        """The steps it may enter, in alphabetical order."""
        to = self.text("to")
        return (to,) if to is not None else tuple(sorted(self.mapping("split")))

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions it may take, in alphabetical order."""
        return tuple(sorted({*self.names("do"), *map(str, self.mapping("do").values())}))

    @property
    def is_entry(self) -> bool:
        return not self.given("from")

    @property
    def is_final(self) -> bool:
        return self.kind_word in FINAL

    @property
    def kind_word(self) -> str:
        return self.text("kind") or "step"

    @property
    def kind(self) -> str:
        return ENTER if self.is_entry else self.kind_word

    @property
    def is_timer(self) -> bool:
        return bool(self.given(*TIMER_KEYS))

    @property
    def triggers(self) -> tuple[str, ...]:
        """The keys that trigger it, `after` and `at` together as one; a right step has one."""
        events, timers = self.given(*EVENT_KEYS), self.given(*TIMER_KEYS)
        return (*events, *timers[:1])

    @property
    def trigger(self) -> str:
        """The signal's name, `enters <guard>`, `leaves <guard>`, or the word timer."""
        return trigger_word(self.text("when"), self.text("enters"), self.text("leaves"))

    @property
    def is_whole(self) -> bool:
        """Tell whether it says where it comes from and where it goes."""
        return bool(self.targets) and (self.is_entry or bool(self.names("from")))

    @property
    def wait(self) -> int:
        """The seconds of `after`, 0 where it waits for none."""
        return seconds_of(self.raw.get("after")) or 0

    @property
    def days(self) -> frozenset[str]:
        """The days on which `at` counts; all of them where none are named."""
        try:
            return frozenset(days_of(self.raw.get("days", list(DAYS))))
        except ValueError:
            return frozenset()

    @property
    def is_instant(self) -> bool:
        """Tell whether it needs neither an event nor an `after` that takes time."""
        readable = not self.given("after") or seconds_of(self.raw.get("after")) is not None
        return self.is_timer and not self.given(*EVENT_KEYS) and readable and self.wait <= 0

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


def _lines(parsed: ParsedCard, at: int) -> dict[str, int]:
    return {
        ".".join(map(str, place[2:])): line
        for place, line in parsed.lines.items()
        if len(place) > 2 and place[:2] == ("steps", at)  # noqa: PLR2004
    }
