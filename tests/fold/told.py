"""What is told to a fold window by window, in the words of the warehouse and the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reference import read_card
from reference.fold import Known
from reference.guards import Interval
from reference.instances import Outcome
from reference.live import Activation, Release
from reference.signals import Signal

from baton.scratch import GuardRow, SignalRow

from .words import SIGNALS
from .worlds import World


@dataclass(frozen=True)
class Window:
    """One window's input, with releases by their number in the world."""

    batch_time: datetime
    watermark: datetime
    signals: Sequence[SignalRow]
    guards: Sequence[GuardRow]
    people: Mapping[str, str]
    zones: Mapping[str, str | None]
    acts: Sequence[tuple[str, int]]


def windows(world: World) -> list[Window]:
    """Return the windows of a world, all plots together."""
    return [
        Window(
            batch_time=world.batch_times[at],
            watermark=world.watermarks[at],
            signals=[one for plot in world.cast for one in plot.signals[at]],
            guards=[one for plot in world.cast for one in plot.guards[at]],
            people={node: who for plot in world.cast for node, who in plot.people[at].items()},
            zones={who: zone for plot in world.cast for who, zone in plot.zones[at].items()},
            acts=world.acts[at],
        )
        for at in range(world.windows)
    ]


def releases_of(world: World) -> list[Release]:
    """Return the releases as the reference reads them from the cards' text."""
    return [
        Release(str(number), {name: read_card(one.text) for name, one in cards.items()})
        for number, cards in enumerate(world.releases)
    ]


@dataclass
class Memory:
    """Everything told so far. It grows with each window."""

    releases: Sequence[Release]
    log: list[Activation] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    guards: list[Interval] = field(default_factory=list)
    zones: dict[str, str | None] = field(default_factory=dict)

    def known(self, window: Window, outcomes: Mapping[str, Outcome]) -> Known:
        """Add a window, and return all that is known at its end."""
        self.log += [
            Activation(kind, self.releases[number], window.batch_time)
            for kind, number in window.acts
        ]
        self.signals += [_signal(row) for row in window.signals]
        self.guards += [_interval(row) for row in window.guards]
        self.zones |= window.zones
        return Known(
            log=tuple(self.log),
            signals=tuple(self.signals),
            guards=tuple(self.guards),
            person_of=window.people,
            watermark=window.watermark,
            hand_list=SIGNALS,
            zones={who: zone for who, zone in self.zones.items() if zone},
            outcomes=outcomes,
        )


def _signal(row: SignalRow) -> Signal:
    return Signal(
        name=row.signal,
        event_id=row.event_id,
        node_id=row.node_id,
        key=row.correlation_key,
        occurred_at=row.occurred_at,
        loaded_at=row.loaded_at,
    )


def _interval(row: GuardRow) -> Interval:
    return Interval(
        guard=row.guard,
        subject=row.subject_key,
        node_id=row.node_id,
        since=row.since,
        until=row.until,
        loaded_at=row.loaded_at,
    )
