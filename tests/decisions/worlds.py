"""Worlds: batch times, releases, switches and cards, and many plots that live under them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from reference.decisions.policies import Policies
from reference.decisions.records import Card

from .plots import Plot
from .rules import actions, policies
from .words import BRANDS, CHANNELS, JOURNEYS, chance, hours

# Before nights in which clocks change somewhere, and before the ends of weeks and months.
_DAYS = (
    datetime(2026, 3, 7, 12),
    datetime(2026, 3, 28, 12),
    datetime(2026, 4, 4, 6),
    datetime(2026, 4, 23, 14),
    datetime(2026, 5, 31, 3),
    datetime(2026, 10, 3, 6),
    datetime(2026, 10, 24, 18),
    datetime(2026, 10, 31, 12),
    datetime(2026, 11, 1, 3, 30),
)
_GAPS = (0.5, 1, 2, 3, 4, 4, 6, 9, 12, 12, 24)
FRESH_WITHIN = timedelta(hours=4)


@dataclass(frozen=True)
class Switch:
    """A switch that is thrown; windows count from 0."""

    window: int
    scope: str
    value: str | None
    is_stopped: bool


@dataclass(frozen=True)
class World:
    """A pure function of what its repr shows."""

    seed: int
    plots: int = 150
    windows: int = 6

    @cached_property
    def batch_times(self) -> Sequence[datetime]:
        """When each pass is made."""
        pick, found = self._chance("times"), [self._chance("day").choice(_DAYS)]
        while len(found) < self.windows:
            found.append(found[-1] + hours(pick.choice(_GAPS)))
        return found

    @cached_property
    def watermarks(self) -> Sequence[datetime]:
        """How far the input of each window is complete: mostly it all is."""
        pick = self._chance("watermarks")
        lags = [hours(pick.choice([0] * 8 + [1])) for _ in self.batch_times]
        return [at - lag for at, lag in zip(self.batch_times, lags, strict=True)]

    @cached_property
    def releases(self) -> Sequence[Policies]:
        """The policies of each release; all have the same actions, some worth something else."""
        pick = self._chance("policies")
        known = actions(pick)
        return [policies(pick, known) for _ in range(3)]

    @cached_property
    def live(self) -> Sequence[int]:
        """The release that is live in each window."""
        pick, found = self._chance("live"), [0]
        while len(found) < self.windows:
            found.append(min(found[-1] + pick.choice([0, 0, 1]), len(self.releases) - 1))
        return found

    @cached_property
    def deliveries(self) -> Sequence[datetime]:
        """When the source came whose freshness is promised to the journey `fresh`."""
        pick = self._chance("deliveries")
        return [at for at in self.batch_times if pick.random() < 0.5]

    @cached_property
    def switches(self) -> Sequence[Switch]:
        """What is stopped and starts again, and a journey that is let go without a stop."""
        pick, found = self._chance("switches"), list[Switch]()
        values = {
            "global": [None],
            "brand": BRANDS,
            "journey": JOURNEYS,
            "action": list(self.releases[0].actions),
            "channel": list(CHANNELS),
            "destination": ["mailer", "gateway"],
            "person": [plot.persons[0] for plot in self.cast[:9]],
        }
        for _ in range(3):
            scope = pick.choice([*values, *["action", "person"] * 4])
            value, window = pick.choice(values[scope]), pick.randrange(self.windows)
            found.append(Switch(window, scope, value, is_stopped=True))
            if scope != "person" or pick.random() < 0.8:
                found.append(Switch(window + 1, scope, value, is_stopped=False))
        again = self._chance("resumes")
        journey = again.choice(JOURNEYS[:2])
        found.append(Switch(again.randrange(1, self.windows), "journey", journey, is_stopped=False))
        return sorted(found, key=lambda one: one.window)

    def standing(self, window: int) -> frozenset[tuple[str, str | None]]:
        """Return the switches that stand in a window."""
        latest = {
            (one.scope, one.value): one.is_stopped for one in self.switches if one.window <= window
        }
        return frozenset(scope for scope, is_stopped in latest.items() if is_stopped)

    def resumed(self, window: int) -> Mapping[str, datetime]:
        """Return when journeys that are stopped no more were let go again."""
        latest = {
            one.value: one
            for one in self.switches
            if one.scope == "journey" and one.value and one.window <= window
        }
        return {
            name: self.batch_times[one.window] for name, one in latest.items() if not one.is_stopped
        }

    @cached_property
    def chorus(self) -> Sequence[tuple[str, datetime]]:
        """What journeys sent to everybody else in the week before: the journey, and when."""
        pick, first = self._chance("chorus"), self.batch_times[0]
        busy = {journey: pick.choice([0, 0.6, 0.9]) for journey in JOURNEYS}
        return [
            (journey, first - hours(number - pick.choice([0, 0.5])))
            for journey, share in busy.items()
            for number in range(1, 168)
            if pick.random() < share
            for _ in range(pick.choice([1, 2, 3, 4]))
        ]

    def cards(self, window: int) -> Mapping[str, Card]:
        """Return the cards, by hash: that of `old` is withdrawn."""
        now = self.batch_times[window]
        came = max((at for at in self.deliveries if at <= now), default=None)
        is_stale = came is None or came + FRESH_WITHIN < now
        usual = Card()
        return {
            "quote": usual,
            "outlet": replace(usual, brand="outlet", timezone="Europe/London"),
            "fresh": replace(usual, requires_fresh=True, has_stale_input=is_stale),
            "old": replace(usual, is_standing=False, timezone="Pacific/Auckland"),
        }

    @cached_property
    def cast(self) -> Sequence[Plot]:
        """The plots."""
        names = (f"w{self.seed}x{number}" for number in range(self.plots))
        act = tuple(self.releases[0].actions)
        return [Plot(name, number, self.batch_times, act) for number, name in enumerate(names)]

    def _chance(self, part: str) -> Random:
        return chance(f"passes {self.seed} {part}")
