"""What a pass is told of journeys, messages and persons. Times are naive UTC."""

from dataclasses import dataclass
from datetime import datetime

UNSENT_STATES = frozenset({"pending", "held"})
IN_FLIGHT_STATES = frozenset({"claimed", "retry"})
SENT_STATES = frozenset({"accepted", "delivered", "unknown"})
ENDED_STATES = frozenset({"cancelled", "rejected", "dead", "bounced"})


@dataclass(frozen=True)
class Card:
    """What a pass reads of a card. Its zone is that of customers whose own is not known."""

    brand: str = "main"
    timezone: str = "UTC"
    requires_fresh: bool = False
    has_stale_input: bool = False
    is_standing: bool = True


@dataclass(frozen=True)
class Step:
    """A step as it is told now; one that is not current was refolded away."""

    step_id: str
    instance_id: str
    journey: str
    key: str | None
    card_hash: str
    acts_from: datetime
    entered_at: datetime
    reached_at: datetime
    node_id: str
    action: str | None
    kind: str = "step"
    is_current: bool = True


@dataclass(frozen=True)
class Event:
    """A state that a message reached, and the window that learnt of it."""

    message_id: str
    state: str
    occurred_at: datetime
    window: int


@dataclass(frozen=True)
class Point:
    """A contact point of a node's person."""

    point_id: str
    node_id: str
    channel: str
    is_verified: bool
    last_observed_at: datetime


@dataclass(frozen=True)
class Permission:
    """A yes or no for a contact point, a class and a brand."""

    point_id: str
    class_: str
    brand: str
    is_granted: bool
    stated_at: datetime


@dataclass(frozen=True)
class Suppression:
    """Of a contact point, or of the person of a node; the other one is None."""

    point_id: str | None
    node_id: str | None
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Score:
    """How likely the person of a node is to take up an action."""

    node_id: str
    action: str
    score: float
    valid_until: datetime
    stated_at: datetime


@dataclass(frozen=True)
class Assignment:
    """A row of the ledger of holdouts."""

    assignment_id: str
    holdout: str
    node_id: str
    arm: str
    bucket: int
    assigned_at: datetime
    window: int


@dataclass(frozen=True)
class Exposure:
    """The first time that an entry node's person was acted on, or would have been, in an arm.

    `rank` is None for what took no part in a contest; `message_id` for what was held back.
    """

    exposure_id: str
    holdout: str
    node_id: str
    arm: str
    candidate_id: str
    evaluation_id: str
    message_id: str | None
    journey: str
    action: str
    outcome: str
    rank: float | None
    exposed_at: datetime

    @property
    def order(self) -> tuple[datetime, bool, float]:
        """The earliest is first, of one time the one of highest rank."""
        return self.exposed_at, self.rank is None, -(self.rank or 0.0)
