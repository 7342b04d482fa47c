"""Layers of a drawing: which box stands how far down, and long lines cut at every layer.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures" (1981): break cycles, assign layers, order them, then place them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]


@dataclass(frozen=True)
class Layers:
    """Boxes and bends by layer; `chains` has, per edge, all it passes from its upper end down.

    An edge whose upper end is its target runs upwards.
    """

    rows: tuple[tuple[str, ...], ...]
    chains: tuple[tuple[str, ...], ...]

    @property
    def links(self) -> tuple[Edge, ...]:
        """Return all pairs of neighbours in consecutive layers, the upper one first."""
        return tuple(pair for chain in self.chains for pair in pairwise(chain))


def layers_of(boxes: Sequence[str], edges: Sequence[Edge], lowest: Mapping[str, int]) -> Layers:
    """Return the layers, by longest path from above; `lowest` says where some may begin at best.

    No layer is empty.
    """
    downward = _downward(boxes, edges)
    rank = _ranks(boxes, downward, lowest)
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for box in boxes:
        rows[rank[box]].append(box)
    chains: list[tuple[str, ...]] = []
    for number, (upper, lower) in enumerate(downward):
        bends = [f"bend {number} {row}" for row in range(rank[upper] + 1, rank[lower])]
        for bend, row in zip(bends, range(rank[upper] + 1, rank[lower]), strict=True):
            rows[row].append(bend)
        chains.append((upper, *bends, lower))
    return Layers(tuple(map(tuple, rows)), tuple(chains))


def _downward(boxes: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    following: dict[str, list[str]] = {box: [] for box in boxes}
    for source, target in edges:
        following[source].append(target)
    upward: set[Edge] = set()
    done: set[str] = set()
    for box in boxes:
        _visit(box, following, [], done, upward)
    return [(target, source) if (source, target) in upward else (source, target)
            for source, target in edges]  # fmt: skip


def _visit(
    box: str,
    following: Mapping[str, Sequence[str]],
    path: list[str],
    done: set[str],
    upward: set[Edge],
) -> None:
    if box in done:
        return
    path.append(box)
    for target in following[box]:
        if target in path:
            upward.add((box, target))
        else:
            _visit(target, following, path, done, upward)
    path.pop()
    done.add(box)


def _ranks(
    boxes: Sequence[str], downward: Sequence[Edge], lowest: Mapping[str, int]
) -> dict[str, int]:
    rank = {box: lowest.get(box, 0) for box in boxes}
    for _ in boxes:
        for upper, lower in downward:
            rank[lower] = max(rank[lower], rank[upper] + 1)
    taken = sorted(set(rank.values()))
    return {box: taken.index(row) for box, row in rank.items()}
