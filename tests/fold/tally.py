"""How often things occurred in the histories that were tried, so that a green test means much."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from reference.instances import Instance
from reference.signals import Signal

from .playing import Moment, Played
from .plots import Plot
from .worlds import World

MUST_OCCUR = (
    "merges",
    "un-merges",
    "late events",
    "duplicates",
    "ties",
    "sealed ignorals",
    "expiries",
    "runaways",
    "goals",
    "exits",
    "splits",
    "edges heard",
    "local waits",
    "held-up waits",
    "blocked exits",
    "moves by withdrawal",
    "moves by migration",
    "withdrawn",
    "re-entries",
    "merged_into",
    "refolded",
)


@dataclass
class Tally:
    """Histories and events of some worlds. Each is counted once, however often it is folded."""

    counts: Counter[str] = field(default_factory=Counter[str])
    _seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def add(self, one: Played) -> None:
        """Count what occurred in a world."""
        for moment in one.moments:
            self._add(one.world, moment)

    def _add(self, world: World, moment: Moment) -> None:
        for plot in world.cast:
            self._count_people(plot, moment.window)
        for one in moment.instances:
            self._note("histories", f"{one.entry.node_id.split('n')[0]} {one.card.journey}")
            self._count_life(one)
        self._count_signals(moment.known.signals, moment.known.person_of)
        self._count_entries(moment)
        for instance_id, (change, _) in moment.expected.changes.items():
            self._note(change, f"{moment.window} {instance_id}")

    @property
    def missing(self) -> list[str]:
        """What never occurred."""
        return [name for name in MUST_OCCUR if not self.counts[name]]

    def __str__(self) -> str:
        named = ("histories", *MUST_OCCUR)
        return "\n".join(f"{self.counts[name]:8,} {name}" for name in named)

    def _note(self, name: str, id_: str) -> None:
        """Count what is named once."""
        if (name, id_) not in self._seen:
            self._seen.add((name, id_))
            self.counts[name] += 1

    def _count_people(self, plot: Plot, window: int) -> None:
        if window == 0:
            return
        before, after = plot.people[window - 1], plot.people[window]
        for one, other in pairwise(sorted(plot.nodes)):
            were, are = before[one] == before[other], after[one] == after[other]
            if were != are:
                self._note("merges" if are else "un-merges", f"{plot.name} {window}")

    def _count_life(self, one: Instance) -> None:
        for step in one.steps:
            for name in _names_of(step.transition_id, step.kind):
                self._note(name, step.step_id)
        for remark, times in one.remarks.items():
            for number in range(times):
                self._note(remark, f"{one.instance_id} {number}")

    def _count_signals(self, heard: Sequence[Signal], person_of: Mapping[str, str]) -> None:
        known: dict[tuple[str, str], int] = Counter((one.name, one.event_id) for one in heard)
        for (name, event_id), times in known.items():
            if times > 1:
                self._note("duplicates", f"{name} {event_id}")
        instants = Counter((person_of[one.node_id], one.occurred_at) for one in heard)
        for (person, at), times in instants.items():
            if times > 1:
                self._note("ties", f"{person} {at}")
        last: dict[str, Signal] = {}
        for one in heard:
            other = last.setdefault(person_of[one.node_id], one)
            if one.occurred_at < other.occurred_at and one.loaded_at > other.loaded_at:
                self._note("late events", one.event_id)
            last[person_of[one.node_id]] = max(one, other, key=lambda each: each.occurred_at)

    def _count_entries(self, moment: Moment) -> None:
        person_of = moment.known.person_of
        first: set[tuple[str, str, str | None]] = set()
        for one in moment.instances:
            subject = person_of[one.entry.node_id], one.card.journey, one.key
            if subject in first:
                self._note("re-entries", one.instance_id)
            first.add(subject)


def _names_of(transition_id: str, kind: str) -> Iterator[str]:
    match transition_id, kind:
        case "expired", _:
            yield "expiries"
        case "runaway", _:
            yield "runaways"
        case "withdrawn", _:
            yield "withdrawn"
        case "blocked", _:
            yield "blocked exits"
        case _, "goal":
            yield "goals"
        case _, "exit":
            yield "exits"
        case _:
            pass
