"""The order within layers: as few crossing lines as a few sweeps can find."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from baton.journeys.drawing.layers import Edge, Layers

_SWEEPS = 12
Rows = list[list[str]]


def ordered(layers: Layers) -> Rows:
    """Return the layers with few crossings: barycentres down and up, then swaps of neighbours."""
    rows = [list(row) for row in layers.rows]
    above, below = _neighbours(layers.links)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        _sweep(rows, above if down else below, down=down)
        _swap(rows, below)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _neighbours(links: Sequence[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    return above, below


def _sweep(rows: Rows, neighbours: Mapping[str, Sequence[str]], *, down: bool) -> None:
    numbers = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
    for number in numbers:
        place = _places(rows[number - 1 if down else number + 1])
        own = _places(rows[number])
        centre = {
            box: _mean([place[one] for one in neighbours.get(box, ())], own[box])
            for box in rows[number]
        }
        rows[number].sort(key=lambda box, centre=centre: centre[box])


def _swap(rows: Rows, below: Mapping[str, Sequence[str]]) -> None:
    for row in rows:
        for left in range(len(row) - 1):
            before = _crossings(rows, below)
            row[left], row[left + 1] = row[left + 1], row[left]
            if _crossings(rows, below) >= before:
                row[left], row[left + 1] = row[left + 1], row[left]


def _crossings(rows: Rows, below: Mapping[str, Sequence[str]]) -> int:
    return sum(
        _inversions(list(_ends(upper, _places(lower), below))) for upper, lower in pairwise(rows)
    )


def _ends(
    upper: Sequence[str], places: Mapping[str, int], below: Mapping[str, Sequence[str]]
) -> Iterator[int]:
    for box in upper:
        yield from sorted(places[one] for one in below.get(box, ()))


def _inversions(ends: Sequence[int]) -> int:
    return sum(later < one for at, one in enumerate(ends) for later in ends[at + 1 :])


def _places(row: Sequence[str]) -> dict[str, int]:
    return {box: at for at, box in enumerate(row)}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
