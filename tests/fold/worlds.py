"""Worlds: some journeys, their releases, and many plots that live under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from .edits import calling, edited, patient
from .plots import Plot
from .sketches import Sketch, sketch
from .words import chance

# Days on which clocks change somewhere, among others.
_MIDDAYS = (
    datetime(2026, 3, 7, 12),
    datetime(2026, 3, 28, 12),
    datetime(2026, 4, 4, 12),
    datetime(2026, 9, 26, 12),
    datetime(2026, 10, 3, 12),
    datetime(2026, 10, 24, 12),
    datetime(2026, 10, 31, 12),
    datetime(2026, 6, 1, 12),
)
_GAPS = (0.5, 3, 6, 12, 12, 24, 24, 48)
_LAGS = (0, 0, 0, 0, 1, 6, 30)

Cards = Mapping[str, Sketch]
Acts = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class World:
    """A pure function of what its repr shows.

    In a steady one nothing depends on the slicing: it has one release, which is live from the
    first window on, and a grace that no late record exceeds.
    """

    seed: int
    plots: int = 120
    journeys: int = 8
    windows: int = 6
    is_steady: bool = False

    @cached_property
    def batch_times(self) -> Sequence[datetime]:
        """When each window is folded."""
        pick, found = self._chance("times"), [self._chance("day").choice(_MIDDAYS)]
        while len(found) < self.windows:
            found.append(found[-1] + timedelta(hours=pick.choice(_GAPS)))
        return found

    @cached_property
    def watermarks(self) -> Sequence[datetime]:
        """How far the input of each window is complete; the last one is."""
        pick, found = self._chance("watermarks"), list[datetime]()
        for at in self.batch_times:
            behind = at - timedelta(hours=pick.choice(_LAGS))
            found.append(max([*found[-1:], behind]))
        return [*found[:-1], self.batch_times[-1]]

    @cached_property
    def releases(self) -> Sequence[Cards]:
        """Releases, each made of the one before by edits; a journey may be left out of one."""
        pick = self._chance("cards")
        names = [f"j{number}" for number in range(self.journeys)]
        found: list[Cards] = [{name: sketch(pick, name) for name in names}]
        if self.is_steady:
            return [{name: patient(one) for name, one in found[0].items()}]
        whole = dict(found[0])
        for _ in range(self._chance("releases").choice([1, 2, 2, 3])):
            for name in names:
                if pick.random() < 0.55:
                    new = edited(pick, whole[name])
                    whole[name] = calling(new, does_call=pick.random() < 0.6)
            left_out = set(pick.sample(names, k=pick.choice([0, 0, 1])))
            found.append({name: one for name, one in whole.items() if name not in left_out})
        return found

    @cached_property
    def acts(self) -> Sequence[Acts]:
        """What is activated and withdrawn in each window: `activate` or `withdraw`, and a release.

        The first release is live from the first window or the second.
        """
        pick = self._chance("acts")
        found: list[list[tuple[str, int]]] = [[] for _ in range(self.windows)]
        if self.is_steady:
            return [[("activate", 0)], *found[1:]]
        first = pick.choice([0, 0, 1])
        found[first].append(("activate", 0))
        standing = [0]
        for window in range(first + 1, self.windows):
            for _ in range(pick.choice([0, 1, 1, 1, 2])):
                act = self._act(pick, standing)
                found[window].append(act)
        return found

    @cached_property
    def cast(self) -> Sequence[Plot]:
        """The plots."""
        names = (f"w{self.seed}x{number}" for number in range(self.plots))
        return [Plot(name, self.batch_times, self.is_steady) for name in names]

    def _act(self, pick: Random, standing: list[int]) -> tuple[str, int]:
        if standing and pick.random() < 0.4:
            release = pick.choice(standing)
            standing[:] = [one for one in standing if one != release]
            return "withdraw", release
        release = pick.randrange(len(self.releases))
        standing.append(release)
        return "activate", release

    def _chance(self, part: str) -> Random:
        return chance(f"world {self.seed} {part}")


def worlds(first: int, count: int) -> Iterator[World]:
    """Yield worlds one after the other."""
    return (World(seed) for seed in range(first, first + count))
