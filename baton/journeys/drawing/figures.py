"""Places and moves as boxes of text: what stands in them, and how large they are."""

from collections.abc import Iterator
from dataclasses import dataclass

from baton.journeys.drawing.graph import Move, Place
from baton.journeys.drawing.layout import Box
from baton.journeys.drawing.lettering import width_of, wrapped

_LABEL_WIDTH = 190.0
_PADDING_X, _PADDING_Y = 14.0, 9.0
_NARROWEST = 116.0
_DOT = 16.0
_SIZES = {
    "name": 14.5,
    "note": 11.5,
    "trigger": 12.5,
    "condition": 12.5,
    "action": 12.0,
    "terms": 11.5,
    "why": 12.0,
    "taken": 11.5,
}
_LEADING = 1.36
_BOLD = frozenset({"name", "trigger", "action"})
_NOTES = {"goal": "goal", "exit": "exit", "end": "end"}


@dataclass(frozen=True)
class TextLine:
    """One line; `style` names its class."""

    text: str
    style: str

    @property
    def size(self) -> float:
        """The size of the font, in pixels."""
        return _SIZES[self.style]

    @property
    def height(self) -> float:
        """How far the next line is."""
        return self.size * _LEADING

    @property
    def width(self) -> float:
        """About how wide it is."""
        return width_of(self.text, self.size, bold=self.style in _BOLD)


@dataclass(frozen=True)
class Figure:
    """A box with its lines. `kind` is that of a place, or `move`."""

    box: Box
    kind: str
    lines: tuple[TextLine, ...]


def place_figure(place: Place) -> Figure:
    """Return a place: its name, what it is and how many stand in it."""
    if place.kind == "start":
        return Figure(Box(place.name, _DOT, _DOT), place.kind, ())
    name = "any open step" if place.kind == "any" else place.name
    lines = (TextLine(name, "name"), *(TextLine(one, "note") for one in _place_note(place)))
    return _figure(place.name, place.kind, lines, _NARROWEST)


def move_figure(name: str, move: Move) -> Figure:
    """Return a move: trigger, conditions, action, terms, reason and how often it was taken."""
    return _figure(name, "move", tuple(_move_lines(move)), 0.0)


def number(count: int) -> str:
    """Return a count with thin spaces between thousands."""
    return f"{count:,}".replace(",", "\u2009")


def taken_words(count: int) -> str:
    """Return how often a move was taken."""
    return f"taken {'once' if count == 1 else f'{number(count)} times'}"


def _figure(name: str, kind: str, lines: tuple[TextLine, ...], narrowest: float) -> Figure:
    width = max(narrowest, *(line.width for line in lines)) + 2 * _PADDING_X
    height = sum(line.height for line in lines) + 2 * _PADDING_Y
    return Figure(Box(name, width, height), kind, lines)


def _place_note(place: Place) -> Iterator[str]:
    parts = [
        _NOTES.get(place.kind),
        None if place.here is None else f"{number(place.here)} here now",
        None if place.reached is None else f"{number(place.reached)} came here",
    ]
    note = " · ".join(part for part in parts if part)
    if note:
        yield note


def _move_lines(move: Move) -> Iterator[TextLine]:
    share = f"{move.share} · " if move.share else ""
    yield from _wrapped(share + move.trigger, "trigger")
    yield from _wrapped(move.condition or "", "condition")
    yield from _wrapped(f"→ {move.action}" if move.action else "", "action")
    yield from _wrapped(move.terms or "", "terms")
    yield from _wrapped(move.why, "why")
    if move.taken is not None:
        yield TextLine(taken_words(move.taken), "taken")


def _wrapped(text: str, style: str) -> Iterator[TextLine]:
    return (TextLine(one, style) for one in wrapped(text, _SIZES[style], _LABEL_WIDTH))
