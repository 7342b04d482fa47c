"""Paths of evidence between identifiers, and what decisions would make of it. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from baton.clusters import Clusters

_RULES = {"force": 2, "same_record": 1}
Strength = tuple[int, float, int]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Edge:
    """Two identifiers seen together or joined by a decision; times are naive UTC."""

    node_a_id: str
    node_b_id: str
    rule: str
    evidence_count: int | None
    confidence: float | None
    status: str
    reason: str | None
    first_observed_at: datetime | None
    last_observed_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        """Whether it joins its ends."""
        return self.status == "accepted"

    @property
    def pair(self) -> Pair:
        """Its ends."""
        return self.node_a_id, self.node_b_id

    @property
    def strength(self) -> Strength:
        """Higher is stronger: the rule, then confidence, then how many records show it."""
        return _RULES.get(self.rule, 0), self.confidence or 0.0, self.evidence_count or 0

    def other(self, node_id: str) -> str:
        """The other end."""
        return self.node_b_id if node_id == self.node_a_id else self.node_a_id


def strongest_path(edges: Iterable[Edge], start: str, end: str) -> list[Edge]:
    """Return the path of accepted edges whose weakest is as strong as can be, then the shortest.

    Empty when there is none.
    """
    accepted = sorted((one for one in edges if one.is_accepted), key=_strongest_first)
    joined, weakest = Clusters(), None
    for one in accepted:
        joined.join(*one.pair)
        if joined.of(start) == joined.of(end):
            weakest = one.strength
            break
    if weakest is None or start == end:
        return []
    return nearest_path([one for one in accepted if one.strength >= weakest], start, end)


def nearest_path(edges: Iterable[Edge], start: str, end: str) -> list[Edge]:
    """Return the path with the fewest refused edges, then the fewest hops; empty without one."""
    by_node: dict[str, list[Edge]] = defaultdict(list)
    for one in sorted(edges, key=_strongest_first):
        for node_id in one.pair:
            by_node[node_id].append(one)
    came: dict[str, Edge | None] = {}
    queue: list[tuple[int, int, int, str, Edge | None]] = [(0, 0, 0, start, None)]
    pushed = 0
    while queue:
        refused, hops, _, node_id, by = heappop(queue)
        if node_id in came:
            continue
        came[node_id] = by
        if node_id == end:
            return _walked(came, start, end)
        for one in by_node[node_id]:
            pushed += 1
            cost = refused + (not one.is_accepted), hops + 1, pushed
            heappush(queue, (*cost, one.other(node_id), one))
    return []


def clusters_of(edges: Iterable[Edge], never: Collection[Pair]) -> Clusters:
    """Join the strongest edges first, none that would bring two of `never` together."""
    joined = Clusters()
    for one in sorted(edges, key=_strongest_first):
        ends = joined.members(one.node_a_id), joined.members(one.node_b_id)
        if not any(_is_between(pair, *ends) for pair in never):
            joined.join(*one.pair)
    return joined


def parts(edges: Sequence[Edge], never: Pair, numbers: Mapping[str, int]) -> list[set[str]]:
    """Return into which parts identifiers fall when two are kept apart; the oldest part first."""
    joined = clusters_of(edges, [never])
    found = {joined.of(node_id): joined.members(node_id) for node_id in numbers}
    return sorted(found.values(), key=lambda part: min(numbers[one] for one in part))


def links_between(
    pair: Pair, records: Iterable[Edge], forced: Collection[Pair]
) -> tuple[list[Pair], bool]:
    """Return which of `forced` join the two directly, and whether others do so by a chain.

    What records join is one; where they join the two themselves, no decision does.
    """
    joined = Clusters()
    for edge in records:
        joined.join(*edge.pair)
    sides = {joined.of(one) for one in pair}
    if len(sides) == 1:
        return [], False
    direct = [one for one in forced if {joined.of(end) for end in one} == sides]
    for one in forced:
        if one not in direct:
            joined.join(*one)
    return direct, joined.of(pair[0]) == joined.of(pair[1])


def _is_between(pair: Pair, one: set[str], other: set[str]) -> bool:
    first, second = pair
    return (first in one and second in other) or (second in one and first in other)


def _strongest_first(edge: Edge) -> tuple[object, ...]:
    rule, confidence, evidence = edge.strength
    first = edge.first_observed_at or datetime.max  # noqa: DTZ901  # naive like all times here
    return (-rule, -confidence, -evidence, first, *edge.pair)


def _walked(came: Mapping[str, Edge | None], start: str, end: str) -> list[Edge]:
    path, node_id = list[Edge](), end
    while node_id != start and (by := came[node_id]) is not None:
        path.append(by)
        node_id = by.other(node_id)
    return path[::-1]
