"""Who is the same person: connected identifiers, under the id of the oldest one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from baton.ids import make_id

from .identifiers import PRIORITY, Node, shown_by
from .records import Record


@dataclass(frozen=True)
class People:
    """Persons and their identifiers. `person_of` maps a node id to a person id."""

    nodes: Mapping[str, Node]
    person_of: Mapping[str, str]

    @property
    def clusters(self) -> dict[str, frozenset[str]]:
        """The node ids of each person."""
        members: dict[str, set[str]] = {}
        for node_id, person in self.person_of.items():
            members.setdefault(person, set()).add(node_id)
        return {person: frozenset(ids) for person, ids in members.items()}


def resolve(records: Iterable[Record]) -> People:
    """Join what records show together.

    The person id is minted by the identifier seen first: lowest load sequence, then priority of
    its type, then node id. So a merge keeps the older id.
    """
    parents: dict[str, str] = {}
    nodes: dict[str, Node] = {}
    age: dict[str, tuple[int, int, str]] = {}
    for record in records:
        shown = shown_by(record)
        for node in shown:
            first_sight = (record.load.seq, PRIORITY[node.type], node.id)
            nodes.setdefault(node.id, node)
            parents.setdefault(node.id, node.id)
            age[node.id] = min(age.get(node.id, first_sight), first_sight)
            _join(parents, shown[0].id, node.id)
    members: dict[str, list[str]] = {}
    for node_id in nodes:
        members.setdefault(_root(parents, node_id), []).append(node_id)
    person_of = {
        node_id: make_id("person", min(ids, key=age.__getitem__))
        for ids in members.values()
        for node_id in ids
    }
    return People(nodes, person_of)


def _join(parents: dict[str, str], one: str, other: str) -> None:
    parents[_root(parents, other)] = _root(parents, one)


def _root(parents: Mapping[str, str], node_id: str) -> str:
    while parents[node_id] != node_id:
        node_id = parents[node_id]
    return node_id
