"""The policies of a release, as a pass reads them. None in a row means: any."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

Period = timedelta | Literal["day", "week", "month"]
DEFAULT_LENGTH = timedelta(hours=4)
TRANSACTIONAL = "transactional"


@dataclass(frozen=True)
class Action:
    """A row of `actions`."""

    name: str
    outcome: str
    channel: str
    destination: str
    class_: str
    value: float
    time_to_live: timedelta
    group: str | None
    priority: int
    fallback: str | None = None

    @property
    def is_transactional(self) -> bool:
        return self.class_ == TRANSACTIONAL


@dataclass(frozen=True)
class Quiet:
    """A row of `quiet_hours`; `days` is `all`, `weekdays` or `weekends`."""

    channel: str
    class_: str | None
    days: str
    from_: time
    until: time

    def covers(self, action: Action) -> bool:
        return self.channel == action.channel and _matches(self.class_, action.class_)


@dataclass(frozen=True)
class Holdout:
    """A row of `holdouts`; `share` is in percent."""

    name: str
    journey: str | None
    class_: str | None
    share: float
    salt: str

    def covers(self, journey: str, class_: str) -> bool:
        return self.covers_journey(journey) and _matches(self.class_, class_)

    def covers_journey(self, journey: str) -> bool:
        return _matches(self.journey, journey)


@dataclass(frozen=True)
class Cap:
    """A row of `caps`."""

    name: str
    period: Period
    most: int
    when_full: str
    channel: str | None = None
    class_: str | None = None
    journey: str | None = None
    brand: str | None = None


@dataclass(frozen=True)
class Weight:
    """A row of `context_weights`."""

    guard: str
    action: str | None
    class_: str | None
    weight: float

    def covers(self, action: Action) -> bool:
        return _matches(self.action, action.name) and _matches(self.class_, action.class_)


@dataclass(frozen=True)
class Policies:
    """All of them: `slots` and `levers` by scope and name, `limits` by name.

    `internal` are channels.
    """

    actions: Mapping[str, Action]
    internal: frozenset[str] = frozenset()
    quiet_hours: tuple[Quiet, ...] = ()
    holdouts: tuple[Holdout, ...] = ()
    slots: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    levers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    context_weights: tuple[Weight, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)


def _matches(wanted: str | None, value: str) -> bool:
    return wanted is None or wanted == value
