"""What an installation is told of identity: records, decisions, proposals, erasures and rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from baton.ids import make_id

Node = str
"""Id of an identifier."""
NO_RULE = 1_000_000
"""Priority of a type without a rule."""


@dataclass(frozen=True, order=True)
class Identifier:
    """Type and value, normalised."""

    type: str
    value: str

    @property
    def id(self) -> Node:
        return make_id("node", self.type, self.value)


@dataclass(frozen=True)
class Record:
    """One version of a source record; the first identifier is the hub.

    `comes_once` is of a source whose records have one version.
    """

    record_id: str
    shows: tuple[Identifier, ...]
    at: datetime
    comes_once: bool = False


@dataclass(frozen=True)
class Decision:
    """What a steward decided of a pair: force, never or lifted."""

    kind: str
    one: Node
    other: Node
    by: str
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """A pair that a model scored; without confidence it is taken back."""

    one: Node
    other: Node
    confidence: float | None
    at: datetime


@dataclass(frozen=True)
class Rule:
    """What holds for a type of identifier."""

    priority: int
    links: bool = True
    confidence: float = 1.0
    fanout_cap: int | None = None
    cardinality_to: Mapping[str, int] = field(default_factory=dict[str, int])
    max_per_person: int | None = None


@dataclass(frozen=True)
class Blocked:
    """A value that identifies nobody; without a type for every type."""

    kind: str
    value: str
    type: str | None = None


@dataclass(frozen=True)
class Policies:
    """The policies of a release; `overrides` are kind and pair."""

    rules: Mapping[str, Rule]
    blocked: tuple[Blocked, ...] = ()
    overrides: tuple[tuple[str, Node, Node], ...] = ()


@dataclass(frozen=True)
class Window:
    """What one batch hears. Of `erased` all identifiers of the person are erased before it."""

    records: tuple[Record, ...] = ()
    decisions: tuple[Decision, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    erased: Node | None = None
    policies: Policies | None = None
