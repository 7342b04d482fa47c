"""Coordinates of boxes and lines: every box as near to its neighbours as the others allow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from baton.journeys.drawing.layers import Edge, Layers, layers_of
from baton.journeys.drawing.order import ordered

_GAP_X = 26.0
_GAP_Y = 34.0
_BEND = 14.0
_PORT = 16.0
_PASSES = 400
_STRAIGHT = 8.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Something to place, with its size."""

    name: str
    width: float
    height: float


@dataclass(frozen=True)
class Spot:
    """Where a box stands: the middle of its upper edge, and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """A line from the lower to the upper edge of layers: it turns only between layers.

    `points` go from the source to the target, in pairs that are joined by a straight vertical line.
    """

    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """Where everything stands, within `width` and `height`."""

    spots: Mapping[str, Spot]
    lines: tuple[Line, ...]
    width: float
    height: float


def lay_out(boxes: Sequence[Box], edges: Sequence[Edge], floating: Sequence[str] = ()) -> Layout:
    """Return the lowest and then narrowest layout of some; `floating` boxes may begin lower down.

    The first box is on the left half.
    """
    names = [box.name for box in boxes]
    depth = len(layers_of(names, edges, {}).rows)
    starts = range(0, max(depth - 2, 1), 2)
    plans = [_Plan(boxes, edges, dict.fromkeys(floating, start)) for start in starts]
    return min((plan.layout() for plan in plans), key=lambda one: (one.height, one.width))


class _Plan:
    """One way to lay out, from layers and order to places and lines."""

    def __init__(
        self, boxes: Sequence[Box], edges: Sequence[Edge], lowest: Mapping[str, int]
    ) -> None:
        self._edges = edges
        self._sizes = {box.name: (box.width, box.height) for box in boxes}
        self._layers = layers_of([box.name for box in boxes], edges, lowest)
        self._rows = ordered(self._layers)
        self._row_of = {name: at for at, row in enumerate(self._rows) for name in row}
        self._x, self._width = _columns(
            self._rows, self._layers.links, {name: self._wide(name) for name in self._row_of}
        )
        self._bands = _bands(self._rows, self._sizes)
        self._spots = {name: self._spot(name) for name in self._sizes}

    def layout(self) -> Layout:
        lines = tuple(self._lines())
        return Layout(self._spots, lines, self._width, self._bands[-1][1])

    def _wide(self, name: str) -> float:
        return self._sizes[name][0] if name in self._sizes else _BEND

    def _spot(self, name: str) -> Spot:
        top, _ = self._bands[self._row_of[name]]
        return Spot(self._x[name], top, *self._sizes[name])

    def _lines(self) -> Iterator[Line]:
        ports = _ports(self._layers, self._x, self._spots)
        for number, (edge, chain) in enumerate(zip(self._edges, self._layers.chains, strict=True)):
            upper, *bends, lower = chain
            out, into = ports[number, "below", upper], ports[number, "above", lower]
            points = [
                (out, self._spots[upper].bottom),
                (out, self._bands[self._row_of[upper]][1]),
                *((self._x[bend], y) for bend in bends for y in self._bands[self._row_of[bend]]),
                (into, self._bands[self._row_of[lower]][0]),
                (into, self._spots[lower].y),
            ]
            yield Line(*edge, tuple(points if upper == edge[0] else reversed(points)))


def _columns(
    rows: Sequence[Sequence[str]], links: Sequence[Edge], widths: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    pulls = _pulls(links, widths)
    x: dict[str, float] = {}
    for row in rows:
        x |= _spread(row, dict.fromkeys(row, (0.0, 1.0)), widths)
    for number in range(_PASSES):
        for row in rows if number % 2 == 0 else reversed(rows):
            x |= _spread(row, {name: _wish(name, pulls[name], x) for name in row}, widths)
    left = min(x[name] - widths[name] / 2 for name in x)
    right = max(x[name] + widths[name] / 2 for name in x)
    is_mirrored = x[rows[0][0]] > (left + right) / 2
    placed = {name: right - at if is_mirrored else at - left for name, at in x.items()}
    return placed, right - left


def _pulls(links: Sequence[Edge], names: Iterable[str]) -> dict[str, list[tuple[str, float]]]:
    """Return who pulls at whom and how much; lines with no others beside them shall be straight."""
    down, up = Counter(one for one, _ in links), Counter(one for _, one in links)
    pulls: dict[str, list[tuple[str, float]]] = {name: [] for name in names}
    for upper, lower in links:
        alone = down[upper] == up[lower] == 1
        bends = (upper.startswith("bend ") + lower.startswith("bend ")) / 2
        weight = (_STRAIGHT if alone else 1.0) * (1 + _STRAIGHT * bends)
        pulls[upper].append((lower, weight))
        pulls[lower].append((upper, weight))
    return pulls


def _wish(
    name: str, pulls: Sequence[tuple[str, float]], x: Mapping[str, float]
) -> tuple[float, float]:
    weight = sum(one for _, one in pulls)
    return (
        sum(x[other] * one for other, one in pulls) / weight if weight else x[name]
    ), weight or 1


def _spread(
    row: Sequence[str], wishes: Mapping[str, tuple[float, float]], widths: Mapping[str, float]
) -> dict[str, float]:
    """Return places as near to the weighted wishes as least squares allow, none too close.

    Pool adjacent violators (Ayer et al. 1955) over the wishes less the room that the boxes take.
    """
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (widths[left] + widths[right]) / 2 + _GAP_X)
    pools: list[tuple[float, float, int]] = []
    for name, offset in zip(row, offsets, strict=False):
        wish, weight = wishes[name]
        pools.append((wish - offset, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            pools.append(_pooled(pools.pop(), pools.pop()))
    levels = [level for level, _, count in pools for _ in range(count)]
    return {name: at + off for name, at, off in zip(row, levels, offsets, strict=False)}


def _pooled(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> tuple[float, float, int]:
    weight = one[1] + other[1]
    return (one[0] * one[1] + other[0] * other[1]) / weight, weight, one[2] + other[2]


def _bands(
    rows: Sequence[Sequence[str]], sizes: Mapping[str, tuple[float, float]]
) -> list[tuple[float, float]]:
    bands: list[tuple[float, float]] = []
    top = 0.0
    for row in rows:
        height = max((sizes[name][1] for name in row if name in sizes), default=0.0)
        bands.append((top, top + height))
        top += height + _GAP_Y
    return bands


def _ports(
    layers: Layers, x: Mapping[str, float], spots: Mapping[str, Spot]
) -> dict[tuple[int, str, str], float]:
    """Return where each line leaves and enters: side by side, in the order of where they go."""
    ends: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for number, chain in enumerate(layers.chains):
        ends.setdefault(("below", chain[0]), []).append((x[chain[1]], number))
        ends.setdefault(("above", chain[-1]), []).append((x[chain[-2]], number))
    ports: dict[tuple[int, str, str], float] = {}
    for (side, name), toward in ends.items():
        spot = spots[name]
        step = min(_PORT, (spot.width - _PORT) / max(len(toward), 1))
        for at, (_, number) in enumerate(sorted(toward)):
            ports[number, side, name] = spot.x + (at - (len(toward) - 1) / 2) * step
    return ports
