"""What a tool should hold beside what it has accepted: two streams in key order, walked once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from baton.errors import CheckFailed
from baton.journal.sync_records import HeldRow

Standing = Literal[
    "new", "changed", "unchanged", "refused", "blocked", "not_allowed", "gone", "nothing"
]


Stop = Literal["blocked", "not_allowed"]


class Offered(NamedTuple):
    """A row of the source. `stop` says why the tool must not have it, null when it may."""

    row_key: str
    fingerprint: str
    stop: Stop | None


@dataclass
class Walk:
    """Counts of a walk, and what the tool holds and should not: `blocked`, `not_allowed`, `gone`.

    `offered` are the rows of the source that the tool may have, `held` those that it holds, and
    `matched` those of them that are still offered.
    """

    counts: dict[str, int] = field(default_factory=dict)
    surplus: list[tuple[Standing, HeldRow]] = field(default_factory=list)
    offered: int = 0
    held: int = 0
    matched: int = 0

    def note(self, standing: Standing) -> Standing:
        """Count one row."""
        self.counts[standing] = self.counts.get(standing, 0) + 1
        return standing


def walk(
    offered: Iterable[Offered], held: Iterable[HeldRow], into: Walk, where: str
) -> Iterator[Standing]:
    """The standing of each offered row, in order; what else is held goes into the walk.

    Both come in ascending order of `row_key`. Raises CheckFailed when a key comes twice.
    """
    rest = iter(held)
    mine = next(rest, None)
    last = ""
    for row in offered:
        if row.row_key <= last:
            raise _not_unique(where)
        last = row.row_key
        while mine is not None and mine.row_key < row.row_key:
            _gone(mine, into)
            mine = next(rest, None)
        match = mine if mine is not None and mine.row_key == row.row_key else None
        yield into.note(_judged(row, match, into))
        mine = next(rest, None) if match else mine
    while mine is not None:
        _gone(mine, into)
        mine = next(rest, None)


def _judged(row: Offered, mine: HeldRow | None, into: Walk) -> Standing:
    is_held = mine is not None and mine.is_held
    into.held += is_held
    if row.stop is not None:
        if mine is None or not is_held:
            return "nothing"
        into.surplus.append((row.stop, mine))
        return row.stop
    into.offered += 1
    into.matched += is_held
    if mine is None:
        return "new"
    if is_held and mine.fingerprint == row.fingerprint:
        return "unchanged"
    if mine.refused == row.fingerprint:
        return "refused"
    return "changed" if is_held else "new"


def _gone(mine: HeldRow, into: Walk) -> None:
    if mine.is_held:
        into.held += 1
        into.note("gone")
        into.surplus.append(("gone", mine))


def _not_unique(where: str) -> CheckFailed:
    return CheckFailed(
        "a key is empty or comes twice",
        where=where,
        mend="let the model have one row per key, or name all columns of the key",
    )
