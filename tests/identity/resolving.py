"""Who is the same person, from the words of the design: guards in their order, then Kruskal."""

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from baton.ids import make_id, short_id

from .told import Blocked, Decision, Identifier, Node, Policies, Proposal, Record

Pair = tuple[Node, Node]
Age = tuple[int, int, Node]
"""When an identifier was first seen: load sequence, priority of its type, id."""
_START = datetime(1970, 1, 1)
_RULES = ("force", "same_record", "probabilistic")


@dataclass(frozen=True)
class Edge:
    """Why two identifiers may be one person's; `reason` is null when they are by this edge."""

    pair: Pair
    rule: str
    evidence: int
    confidence: float
    first_at: datetime | None
    reason: str | None = None

    @property
    def strength(self) -> tuple[object, ...]:
        """Sorts the strongest first, and never by the order of loading."""
        tie = short_id(self.pair[0]) + short_id(self.pair[1])
        first = (True, _START) if self.first_at is None else (False, self.first_at)
        return (-self.evidence, -self.confidence, *first, tie)

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts edges as they may join clusters."""
        evidence, confidence, *rest = self.strength
        return (_RULES.index(self.rule), confidence, evidence, *rest)


@dataclass(frozen=True)
class Known:
    """All that was told, without what was erased; an identifier stays known without a record.

    `erased_by` has the last erasure of those that came back, or may.
    """

    nodes: Mapping[Node, Identifier]
    ages: Mapping[Node, Age]
    erased_by: Mapping[Node, str]
    records: Sequence[Record]
    decisions: Sequence[Decision]
    proposals: Sequence[Proposal]
    policies: Policies


@dataclass(frozen=True)
class Resolved:
    """Edges by pair, and the person id of each identifier."""

    edges: Mapping[Pair, Edge]
    person_of: Mapping[Node, str]


def pair_of(one: Node, other: Node) -> Pair:
    return (min(one, other), max(one, other))


def resolve(known: Known) -> Resolved:
    """Judge every edge, then join what passes as far as the limits allow."""
    nodes = known.nodes
    standing = _standing(known)
    forced = {
        pair for pair, kind in standing.items() if kind == "force" and nodes.keys() >= {*pair}
    }
    never = {pair for pair, kind in standing.items() if kind == "never" and nodes.keys() >= {*pair}}
    edges = _shown(known, nodes, forced, never)
    judged = _judge(edges, nodes, known.policies, never)
    cluster = _join(judged, nodes, known.policies, never)
    return Resolved(judged, {node: _minted(known, cluster[node]) for node in nodes})


def _minted(known: Known, cluster: frozenset[Node]) -> str:
    """The person id that the oldest identifier gives; another one to who came back."""
    oldest = min(cluster, key=known.ages.__getitem__)
    erasure = known.erased_by.get(oldest)
    return make_id("person", oldest) if erasure is None else make_id("person", oldest, erasure)


def _standing(known: Known) -> dict[Pair, str]:
    found = {pair_of(one, other): kind for kind, one, other in known.policies.overrides}
    found |= {pair_of(said.one, said.other): said.kind for said in known.decisions}
    return found


def _shown(
    known: Known, nodes: Mapping[Node, Identifier], forced: set[Pair], never: set[Pair]
) -> list[Edge]:
    seen: dict[Pair, list[Record]] = defaultdict(list)
    for record in known.records:
        hub, *others = record.shows
        for other in others:
            seen[pair_of(hub.id, other.id)].append(record)
    proposed = {
        pair_of(one.one, one.other): one
        for one in known.proposals
        if nodes.keys() >= {one.one, one.other}
    }
    rules = known.policies.rules
    edges: list[Edge] = []
    for pair in seen.keys() | proposed.keys() | forced | never:
        records, proposal = seen.get(pair, []), proposed.get(pair)
        said = [one.at for one in known.decisions if pair_of(one.one, one.other) == pair]
        scored = (proposal.confidence or 0) if proposal else 0.0
        sure = [rules[kind].confidence for end in pair if (kind := nodes[end].type) in rules]
        if pair in forced:
            rule, confidence = "force", 1.0
        elif records:
            rule, confidence = "same_record", min(sure) if len(sure) > 1 else 0.0
        elif scored > 0:
            rule, confidence = "probabilistic", scored
        elif pair in never:
            rule, confidence = "never", 0.0
        else:
            continue
        first = [one.at for one in records] or ([proposal.at] if proposal else said[-1:])
        evidence = len({one.record_id for one in records})
        edges.append(Edge(pair, rule, evidence, confidence, min(first, default=None)))
    return edges


def _judge(
    edges: Iterable[Edge],
    nodes: Mapping[Node, Identifier],
    policies: Policies,
    never: set[Pair],
) -> dict[Pair, Edge]:
    judged: dict[Pair, Edge] = {}
    rules = policies.rules
    for edge in edges:
        ends = [nodes[end] for end in edge.pair]
        reason = None
        if edge.rule == "force":
            pass
        elif any(_is_blocked(end, policies.blocked) for end in ends):
            reason = "blocked_value"
        elif not all(end.type in rules and rules[end.type].links for end in ends):
            reason = "type_does_not_link"
        elif edge.pair in never:
            reason = "never_link"
        judged[edge.pair] = _with(edge, reason)
    _refuse(judged, _crowded(judged, nodes, policies), "fanout_cap")
    _refuse(judged, _surplus(judged, nodes, policies), "cardinality")
    return judged


def _crowded(
    edges: Mapping[Pair, Edge], nodes: Mapping[Node, Identifier], policies: Policies
) -> set[Pair]:
    degree = Counter(end for edge in _open(edges) for end in edge.pair)
    over: set[Node] = set()
    for node, count in degree.items():
        cap = policies.rules[nodes[node].type].fanout_cap
        if cap is not None and count > cap:
            over.add(node)
    return {edge.pair for edge in _open(edges) if over & {*edge.pair}}


def _surplus(
    edges: Mapping[Pair, Edge], nodes: Mapping[Node, Identifier], policies: Policies
) -> set[Pair]:
    choices: dict[tuple[Node, str], list[Edge]] = defaultdict(list)
    for edge in _open(edges):
        for node, other in (edge.pair, edge.pair[::-1]):
            choices[node, nodes[other].type].append(edge)
    lost: set[Pair] = set()
    for (node, to), found in choices.items():
        most = policies.rules[nodes[node].type].cardinality_to.get(to)
        if most is not None:
            lost |= {edge.pair for edge in sorted(found, key=lambda one: one.strength)[most:]}
    return lost


def _join(
    edges: dict[Pair, Edge],
    nodes: Mapping[Node, Identifier],
    policies: Policies,
    never: set[Pair],
) -> dict[Node, frozenset[Node]]:
    """The cluster of each identifier; passing edges between two are refused."""
    cluster = {node: frozenset([node]) for node in nodes}
    forced = {node: frozenset([node]) for node in nodes}
    passing = [edge for edge in edges.values() if edge.reason is None]
    for edge in sorted(passing, key=lambda one: one.order):
        one, other = (cluster[end] for end in edge.pair)
        if one == other:
            continue
        joined = one | other
        if _holds_a_pair(joined, never):
            continue
        if edge.rule != "force" and _breaks_a_limit(joined, forced, nodes, policies):
            continue
        if edge.rule == "force":
            forced |= dict.fromkeys(forced[edge.pair[0]] | forced[edge.pair[1]], joined)
        cluster |= dict.fromkeys(joined, joined)
    for edge in passing:
        one, other = (cluster[end] for end in edge.pair)
        if one != other:
            apart = {pair_of(*ends) for ends in product(one, other)} & never
            edges[edge.pair] = _with(edge, "never_link" if apart else "limit")
    return cluster


def _breaks_a_limit(
    joined: frozenset[Node],
    forced: Mapping[Node, frozenset[Node]],
    nodes: Mapping[Node, Identifier],
    policies: Policies,
) -> bool:
    held: dict[str, set[frozenset[Node]]] = defaultdict(set)
    for node in joined:
        held[nodes[node].type].add(forced[node])
    most = {
        name: rule.max_per_person
        for name, rule in policies.rules.items()
        if rule.max_per_person is not None
    }
    return any(name in most and len(groups) > most[name] for name, groups in held.items())


def _holds_a_pair(joined: frozenset[Node], never: set[Pair]) -> bool:
    return any(one in joined and other in joined for one, other in never)


def _open(edges: Mapping[Pair, Edge]) -> list[Edge]:
    return [one for one in edges.values() if one.reason is None and one.rule != "force"]


def _refuse(edges: dict[Pair, Edge], pairs: Iterable[Pair], reason: str) -> None:
    for pair in pairs:
        edges[pair] = _with(edges[pair], reason)


def _with(edge: Edge, reason: str | None) -> Edge:
    return Edge(edge.pair, edge.rule, edge.evidence, edge.confidence, edge.first_at, reason)


def _is_blocked(node: Identifier, blocked: Iterable[Blocked]) -> bool:
    return any(
        one.type in (None, node.type)
        and (
            node.value.lower() == one.value.lower()
            if one.kind == "exact"
            else fnmatch.fnmatchcase(node.value.lower(), one.value.lower().replace("%", "*"))
        )
        for one in blocked
    )
