"""What every pass of a plot is told, from what the plot says and what was decided before."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reference.decisions.candidates import State
from reference.decisions.facts import Facts
from reference.decisions.passes import Decided, decide
from reference.decisions.records import Event, Step

from .fates import by_message, events
from .plots import Plot
from .words import chance
from .worlds import World

_SENT = ("accepted", "delivered")


@dataclass
class Life:
    """A plot as it goes on under the reference."""

    world: World
    plot: Plot
    state: State = field(default_factory=State)
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    events: list[Event] = field(default_factory=list[Event])
    window: int = 0

    def next(self) -> tuple[Facts, Decided]:
        """Return what the next pass is told, and what it should decide."""
        facts = self._facts()
        decided = decide(self.state, facts)
        self.state = decided.state
        self._send(facts)
        self.window += 1
        return facts, decided

    def _facts(self) -> Facts:
        number, plot, world = self.window, self.plot, self.world
        retold = (one for one in plot.retold(number, self.steps) if self._is_clear(one))
        changed = [*retold, *plot.new_steps(number)]
        self.steps |= {one.step_id: one for one in changed}
        return Facts(
            window=number + 1,
            batch_time=world.batch_times[number],
            watermark=world.watermarks[number],
            policies=world.releases[world.live[number]],
            cards=world.cards(number),
            person_of=plot.people[number],
            node_seq=plot.node_seq,
            steps=dict(self.steps),
            touched=frozenset(self._touched(changed)),
            zones=plot.zones[number],
            points=plot.points,
            permissions=plot.permissions(number),
            suppressions=plot.suppressions,
            guards=plot.guards,
            scores=plot.scores,
            switches=world.standing(number),
            has_changed_switch=any(one.window == number for one in world.switches),
            events=tuple(self.events),
        )

    def _is_clear(self, step: Step) -> bool:
        """Tell whether it is beyond doubt what a step in the place of another one means.

        It is where the message of the other one has gone out.
        """
        if not step.step_id.endswith("again"):
            return True
        replaced = step.step_id.removesuffix(" again")
        sent = {name for name, rows in by_message(self.events).items() if rows[-1].state in _SENT}
        return any(
            one.step_id == replaced and one.message_id in sent
            for one in self.state.candidates.values()
            if one.fallback_of is None
        )

    def _touched(self, changed: list[Step]) -> Iterator[str]:
        """Yield persons: those of changed steps, those who came together or fell apart."""
        number, now = self.window, self.plot.people[self.window]
        before = self.plot.people[max(number - 1, 0)]
        for node, person in now.items():
            if before[node] != person or self.plot.touches(number):
                yield person
                yield before[node]
        yield from (now[one.node_id] for one in changed)
        heard = {one.message_id for one in self.events if one.window == number + 1}
        for one in self.state.candidates.values():
            if one.message_id in heard and chance(f"{one.message_id} {number}").random() < 0.5:
                yield now[one.node_id]

    def _send(self, facts: Facts) -> None:
        """Let the messages that there are have events before the next pass."""
        if self.window + 1 == len(self.world.batch_times):
            return
        until = self.world.batch_times[self.window + 1]
        known = by_message(self.events)
        for one in sorted(self.state.candidates.values(), key=lambda each: each.candidate_id):
            if one.has_message:
                mine = known.get(one.message_id, [])
                self.events += events(one, mine, facts.batch_time, until, facts.window + 1)
