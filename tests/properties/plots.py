"""Plots: what happens to a few people who share things.

A plot is a pure function of its seed and the batch times. Plots share no identifier with each
other, so many of them fit into one warehouse, and a failing one can be looked at alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import facts
from .arrivals import Arrival
from .scenes import Dials, Person, Scene


@dataclass(frozen=True)
class Plot:
    """Episodes around the batch times, told by all systems, some of it twice."""

    seed: int
    batch_times: Sequence[datetime]
    dials: Dials

    def arrivals(self) -> list[Arrival]:
        """Return everything that arrives, in no order."""
        scene = Scene(self.seed, self.dials)
        told = [one for person in scene.people for one in self._life(scene, person)]
        again = [one for one in told if scene.pick.random() < 0.08]
        return told + [_repeated(scene, one) for one in again if one.table != "crm.contacts"]

    def _life(self, scene: Scene, person: Person) -> Iterator[Arrival]:
        for number in range(scene.pick.randint(1, 3)):
            base = scene.pick.choice(self.batch_times) - scene.edge()
            for contact_id in person.contacts:
                is_new = number == 0 or self.dials.is_rewritten
                if is_new and scene.pick.random() < 0.6:
                    yield from facts.contact_version(scene, person, contact_id, base)
            yield from _episode(scene, person, base)


def _episode(scene: Scene, person: Person, base: datetime) -> Iterator[Arrival]:
    pick = scene.pick
    for _ in range(pick.randint(2, 6)):
        yield facts.web_event(scene, person, base)
    for _ in range(pick.randint(0, 3)):
        yield facts.statement(scene, person, base)
    if pick.random() < 0.5:
        yield from facts.case_versions(scene, person, base)
    if pick.random() < 0.2:
        yield facts.receipt(scene, person, base)
    if pick.random() < 0.2:
        yield facts.chat(scene, person, base)


def _repeated(scene: Scene, one: Arrival) -> Arrival:
    later = timedelta(hours=scene.pick.choice([0, 1, 30]))
    return replace(one, arrives_at=one.arrives_at + later)
