"""What the page is made of. The template shows each part in one way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["", "yes", "no", "wait", "soft", "code", "time"]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, how it looks, and lines in small print under it."""

    text: str
    tone: Tone = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """A table with a caption; `empty` is said in its place when it has no rows."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""


@dataclass(frozen=True)
class Unfolding:
    """What unfolds below a summary; `brief` is said in the summary, `lines` first below it."""

    tone: Tone
    label: str
    title: str
    lines: Sequence[str]
    tables: Sequence[Table]
    brief: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """One thing that happened (UTC), with what unfolds below it, if there is more to it."""

    at: datetime
    kind: str
    title: str
    notes: Sequence[str] = ()
    more: Unfolding | None = None


@dataclass(frozen=True)
class Day:
    """The entries of one day (UTC)."""

    name: str
    date: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading of its own."""

    anchor: str
    title: str
    lead: str = ""
    tables: Sequence[Table] = ()
    unfolding: Sequence[Unfolding] = ()
    days: Sequence[Day] = ()


def when(at: datetime | None) -> str:
    """Return an instant (UTC) to the second; nothing for none."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def moment(at: datetime | None) -> Cell:
    """Return the cell of an instant (UTC), which stays on one line."""
    return Cell(when(at), "time")


def cells(*texts: str | Cell) -> list[Cell]:
    """Return the cells of a row."""
    return [one if isinstance(one, Cell) else Cell(one) for one in texts]
