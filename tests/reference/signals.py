"""What journeys listen to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

START_OF_TIME = datetime(1900, 1, 1)
END_OF_TIME = datetime(9999, 12, 31)


@dataclass(frozen=True)
class Signal:
    """One event under the name a card uses. `key` is None when it concerns all instances."""

    name: str
    event_id: str
    node_id: str
    key: str | None
    occurred_at: datetime
    loaded_at: datetime

    @property
    def is_edge(self) -> bool:
        """Tell whether it is a guard that begins or ceases to hold."""
        return " " in self.name


def once(heard: Iterable[Signal]) -> list[Signal]:
    """Return each event once under each name, as first loaded; `heard` is in load order."""
    found: dict[tuple[str, str], Signal] = {}
    for signal in heard:
        found.setdefault((signal.name, signal.event_id), signal)
    return list(found.values())
