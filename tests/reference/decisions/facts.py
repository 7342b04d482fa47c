"""Everything that one pass is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from reference.guards import Interval

from .policies import Policies
from .records import Card, Event, Permission, Point, Score, Step, Suppression

ZONES = frozenset(available_timezones())


@dataclass(frozen=True)
class Facts:
    """What is known at the batch time.

    `zones` are those of profiles, each with its source. `switches` are those that stand, by scope
    and value. `events` are all of messages so far, as they were recorded. `touched` are persons.
    """

    window: int
    batch_time: datetime
    policies: Policies
    cards: Mapping[str, Card]
    person_of: Mapping[str, str]
    node_seq: Mapping[str, int]
    steps: Mapping[str, Step]
    touched: frozenset[str]
    watermark: datetime | None = None
    zones: Mapping[str, tuple[str, str]] | None = None
    points: Sequence[Point] = ()
    permissions: Sequence[Permission] = ()
    suppressions: Sequence[Suppression] = ()
    guards: Sequence[Interval] = ()
    scores: Sequence[Score] = ()
    switches: frozenset[tuple[str, str | None]] = frozenset()
    has_changed_switch: bool = False
    events: Sequence[Event] = ()

    @property
    def is_behind(self) -> bool:
        return self.watermark is not None and self.watermark < self.batch_time

    def nodes_of(self, person: str) -> list[str]:
        """Return the nodes of a person, the oldest first."""
        mine = [node for node, owner in self.person_of.items() if owner == person]
        return sorted(mine, key=lambda node: self.node_seq[node])

    def guards_of(self, person: str) -> set[str]:
        """Return the guards that hold for a person now."""
        mine = self.nodes_of(person)
        return {
            one.guard for one in self.guards if one.node_id in mine and one.holds(self.batch_time)
        }

    def points_of(self, person: str, channel: str) -> list[Point]:
        """Return a person's contact points on a channel."""
        mine = self.nodes_of(person)
        return [one for one in self.points if one.node_id in mine and one.channel == channel]

    def zone_of(self, person: str) -> tuple[str, str] | None:
        """Return the zone of a profile and its source, if the profile names one that exists."""
        zone = (self.zones or {}).get(person)
        return zone if zone and zone[0] in ZONES else None
