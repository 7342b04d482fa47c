"""One mistake in a project that is right otherwise, and what the check then says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CARD = "models/journeys/cards/quote_stalled.sql"
LAST = "  - {from: any, to: exited, when: case_opened, kind: exit, why: a case comes first}\n"


@dataclass(frozen=True)
class Said:
    """One problem in the file that was changed."""

    code: str
    line: int
    message: str
    mend: str


@dataclass(frozen=True)
class Mistake:
    """`old` stands once in `file` and becomes `new`; `also` are files that are there too."""

    old: str
    new: str
    said: tuple[Said, ...]
    file: str = CARD
    also: Mapping[str, str] = field(default_factory=dict[str, str])


Mistakes = dict[str, Mistake]


def change(
    old: str, new: str, *said: Said, file: str = CARD, also: Mapping[str, str] | None = None
) -> Mistake:
    """Return the mistake of writing `new` instead of `old`."""
    return Mistake(old, new, said, file, also or {})


def steps(added: tuple[str, ...], *said: Said) -> Mistake:
    """Return the mistake of having these steps too, from the card's line 14 on."""
    return Mistake(LAST, LAST + "".join(f"  - {{{step}, why: x}}\n" for step in added), said)
