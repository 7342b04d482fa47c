"""Scenarios as records of a scratch fold: loads of the same rank share a window."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baton.journeys.scenarios.shape import Decision, Guard, Load, Scenario, Signal
from baton.scratch import GuardRow, SignalRow
from baton.scratch.rows import END_OF_TIME

_APART = "/"


@dataclass(frozen=True)
class Story:
    """A scenario and its journey. No two stories share an identifier."""

    journey: str
    scenario: Scenario

    def node(self, who: str) -> str:
        """Return the node that stands for `who` in this story alone."""
        return _APART.join((self.journey, self.scenario.name, who))

    def signal(self, one: Signal, at: datetime) -> SignalRow:
        """Return a signal as it is loaded at `at`."""
        happened = one.happened or at
        own = one.id or f"{one.signal}/{one.who}/{one.key}/{happened}"
        return SignalRow(one.signal, self.node(own), self.node(one.who), one.key, happened, at)

    def guard(self, one: Guard, at: datetime) -> GuardRow:
        """Return a guard's interval as it is loaded at `at`."""
        own = one.id or f"{one.guard}/{one.who}/{one.since}"
        until = one.until or END_OF_TIME
        return GuardRow(one.guard, self.node(own), self.node(one.who), one.since, until, at)

    def load(self, rank: int) -> Load | None:
        """Return the load of this rank, None after the last one."""
        return self.scenario.loads[rank] if rank < len(self.scenario.loads) else None

    def people(self, rank: int) -> dict[str, str]:
        """Return who is whom after the load of this rank, for everyone who was ever joined."""
        joined: dict[str, str] = {}
        for load in self.scenario.loads[: rank + 1]:
            joined |= load.people
        return {who: _root(who, joined) for who in joined}

    def person(self, who: str) -> str:
        """Return the person of `who` at the end."""
        return self.node(self.people(len(self.scenario.loads)).get(who, who))

    def zones(self, rank: int) -> dict[str, str]:
        """Return the time zones that persons have after the load of this rank."""
        people = self.people(rank)
        known: dict[str, str] = {}
        for load in self.scenario.loads[: rank + 1]:
            known |= load.zones
        others = {self.node(people[who]): zone for who, zone in known.items() if who in people}
        return others | {
            self.node(who): zone for who, zone in known.items() if people.get(who, who) == who
        }


def windows_of(stories: Sequence[Story]) -> Iterator[dict[str, Any]]:
    """Yield the windows, as arguments of `ScratchFold.window`; batch times never decrease."""
    batch_time = min((one.scenario.loads[0].at for one in stories), default=END_OF_TIME)
    for rank in range(max((len(one.scenario.loads) for one in stories), default=0)):
        loads = [(one, load) for one in stories if (load := one.load(rank))]
        batch_time = max(batch_time, *(load.at for _, load in loads))
        yield {
            "batch_time": batch_time,
            "signals": [one.signal(row, load.at) for one, load in loads for row in load.signals],
            "guards": [one.guard(row, load.at) for one, load in loads for row in load.guards],
            "people": _merged((one, one.people(rank)) for one in stories),
            "zones": dict(pair for one in stories for pair in one.zones(rank).items()),
        }


def candidate(
    story: Story, one: Decision, at: datetime, steps: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return what was decided at `at` as a candidate, None when no step of the kind is reached."""
    node = story.node(one.who)
    reached = [
        step
        for step in steps
        if step["journey"] == story.journey
        and step["step"] == one.step
        and node in (step["person_id"], step["entry_node_id"])
        and one.key in (None, step["correlation_key"])
    ]
    if not reached:
        return None
    latest = max(reached, key=lambda step: step["reached_at"])
    return {"step_id": latest["step_id"], "outcome": one.outcome, "evaluated_at": at} | {
        "is_decided": one.outcome != "wait"
    }


def _merged(stories: Iterable[tuple[Story, Mapping[str, str]]]) -> dict[str, str]:
    return {
        story.node(who): story.node(person)
        for story, people in stories
        for who, person in people.items()
    }


def _root(who: str, joined: Mapping[str, str]) -> str:
    seen = {who}
    while (following := joined.get(who, who)) not in seen:
        seen.add(following)
        who = following
    return who
