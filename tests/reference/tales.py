"""Short ways to tell of signals, guards, releases and people. Hours count from `DAY`."""

from dataclasses import dataclass, field

from .card_text import read_card
from .fold import Known, fold
from .guards import Interval
from .instances import Instance, Outcome
from .live import Activation, Release
from .signals import END_OF_TIME, Signal
from .stories import at

HAND_LIST = ("a", "b", "c", "d")


@dataclass
class Tale:
    """What the warehouse has learnt, in load order. Everything is of Ann unless told otherwise."""

    signals: list[Signal] = field(default_factory=list)
    guards: list[Interval] = field(default_factory=list)
    log: list[Activation] = field(default_factory=list)
    person_of: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def hear(
        self,
        name: str,
        hours: float,
        key: str | None = None,
        *,
        id: str | None = None,
        loaded: float | None = None,
        node: str = "ann",
    ) -> None:
        """A signal, loaded when it occurred unless told otherwise."""
        self.person_of.setdefault(node, node)
        loaded_at = at(hours if loaded is None else loaded)
        event_id = id or f"{len(self.signals):03d}"
        self.signals.append(Signal(name, event_id, node, key, at(hours), loaded_at))

    def hold(
        self,
        guard: str,
        since: float,
        until: float | None = None,
        *,
        subject: str = "s",
        loaded: float = 0,
        node: str = "ann",
    ) -> None:
        """A guard, or another version of it, under the same subject."""
        self.person_of.setdefault(node, node)
        end = END_OF_TIME if until is None else at(until)
        self.guards.append(Interval(guard, subject, node, at(since), end, at(loaded)))

    def activate(self, *cards: str, hours: float = 0) -> Release:
        """A release of these cards becomes live."""
        read = [read_card(card) for card in cards]
        release = Release("|".join(cards), {card.journey: card for card in read})
        self.log.append(Activation("activate", release, at(hours)))
        return release

    def withdraw(self, release: Release, hours: float) -> None:
        self.log.append(Activation("withdraw", release, at(hours)))

    def merge(self, *nodes: str) -> None:
        self.person_of |= dict.fromkeys(nodes, nodes[0])

    def instances(self, until: float) -> list[Instance]:
        """All instances, time having come to `until`."""
        return fold(
            Known(
                log=self.log,
                signals=self.signals,
                guards=self.guards,
                person_of=self.person_of,
                watermark=at(until),
                hand_list=HAND_LIST,
                zones=self.zones,
                outcomes=self.outcomes,
            )
        )

    def path(self, until: float) -> list[tuple[str, float]]:
        """Steps and the hour each was reached, of all instances one after the other."""
        return [
            (step.step, (step.reached_at - at(0)).total_seconds() / 3600)
            for instance in self.instances(until)
            for step in instance.steps
        ]


def card(steps: str, **head: str) -> str:
    """Return the text of a card with these steps, one a line, and these keys of its head."""
    facts = {"journey": "j", "horizon": "30 days", **head}
    lines = [f"{key}: {value}" for key, value in facts.items()]
    lines += ["steps:", *(f"  - {{{step.strip()}}}" for step in steps.strip().splitlines())]
    return "\n".join(lines)
