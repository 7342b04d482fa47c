"""Plots: what happens to a few people who share nothing with those of other plots.

Times meet: due times, guards, suppressions and sendings fall on half hours, as batches do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from random import Random

from reference.decisions.records import Permission, Point, Score, Step, Suppression
from reference.guards import Interval

from .words import (
    BRANDS,
    CLASSES,
    END_OF_TIME,
    GUARDS,
    HALF_HOUR,
    JOURNEYS,
    LONG_AGO,
    ZONES,
    chance,
    hours,
    node_of,
)

_WEIGHTED_JOURNEYS = (*JOURNEYS[:3] * 2, *JOURNEYS[:2] * 3, *JOURNEYS)


@dataclass(frozen=True)
class Plot:
    """Nodes, and what is known of them window by window. Windows count from 0."""

    name: str
    number: int
    batch_times: Sequence[datetime]
    actions: Sequence[str]

    @cached_property
    def contacts(self) -> tuple[str, ...]:
        """Names of CRM contacts, each of which is a node."""
        count = self._chance("nodes").choice([1, 1, 2, 2, 3])
        return tuple(f"{self.name}n{number}" for number in range(count))

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        return tuple(map(node_of, self.contacts))

    @cached_property
    def persons(self) -> tuple[str, ...]:
        return tuple(f"p{name}" for name in self.contacts)

    @cached_property
    def node_seq(self) -> Mapping[str, int]:
        return {node: 10 * self.number + place for place, node in enumerate(self.nodes)}

    @cached_property
    def people(self) -> Sequence[Mapping[str, str]]:
        """Who each node is, window by window. A person is called after the oldest node."""
        pick, groups = self._chance("people"), [[place] for place in range(len(self.nodes))]
        found: list[Mapping[str, str]] = []
        for _ in self.batch_times:
            groups = _regrouped(pick, groups)
            person_of = {
                self.nodes[place]: self.persons[min(group)] for group in groups for place in group
            }
            found.append(person_of)
        return found

    @cached_property
    def zones(self) -> Sequence[Mapping[str, tuple[str, str]]]:
        """The zones of profiles and their sources."""
        pick, found, known = self._chance("zones"), list[Mapping[str, tuple[str, str]]](), {}
        for number, _ in enumerate(self.batch_times):
            for person in self.persons:
                if pick.random() < (0.7 if number == 0 else 0.05):
                    known[person] = pick.choice(ZONES), pick.choice(["crm", "web"])
            found.append(dict(known))
        return found

    @cached_property
    def points(self) -> Sequence[Point]:
        """Contact points; each is known from the first window on."""
        pick = self._chance("points")
        return [
            Point(
                point_id=f"{contact} {channel} {number}",
                node_id=node_of(contact),
                channel=channel,
                is_verified=pick.random() < 0.5,
                last_observed_at=LONG_AGO + hours(pick.randrange(10**4)),
            )
            for contact in self.contacts
            for channel, chances in (("email", (0.85, 0.3)), ("sms", (0.6, 0.1)))
            for number, share in enumerate(chances)
            if pick.random() < share
        ]

    def permissions(self, window: int) -> Sequence[Permission]:
        """Return what is allowed; most of it is, until it is not."""
        return [one for one, since, until in self._permissions if since <= window < until]

    @cached_property
    def suppressions(self) -> Sequence[Suppression]:
        pick, found = self._chance("suppressions"), list[Suppression]()
        for point in self.points:
            if pick.random() < 0.12:
                found.append(Suppression(point.point_id, None, *self._span(pick)))
        for node in self.nodes:
            if pick.random() < 0.06:
                found.append(Suppression(None, node, *self._span(pick)))
        return found

    @cached_property
    def guards(self) -> Sequence[Interval]:
        pick = self._chance("guards")
        return [
            Interval(
                guard,
                f"{self.name}g{number}",
                pick.choice(self.nodes),
                *self._span(pick),
                loaded_at=LONG_AGO,
            )
            for number, guard in enumerate(GUARDS * 2)
            if pick.random() < (0.1 if guard == "open_case" else 0.3)
        ]

    @cached_property
    def scores(self) -> Sequence[Score]:
        pick = self._chance("scores")
        return [
            Score(
                node_id=pick.choice(self.nodes),
                action=pick.choice(self.actions),
                score=pick.choice([0.0, 0.25, 0.5, 0.75, 1.0]),
                valid_until=self._about(pick),
                stated_at=LONG_AGO + hours(pick.randrange(2)),
            )
            for _ in range(pick.choice([0, 1, 3, 6]))
        ]

    def new_steps(self, window: int) -> Iterator[Step]:
        """Yield the steps that are first told in a window, due at it or before."""
        pick = self._chance(f"steps {window}")
        for number in range(pick.choice([0, 0, 0, 1, 1, 2, 3, 5])):
            journey = pick.choice(_WEIGHTED_JOURNEYS)
            due = self.batch_times[window] - hours(pick.choice([0, 0, 0, 0.5, 1, 2, 5, 6, 12, 24]))
            late = pick.random() < 0.04
            yield Step(
                step_id=f"{self.name}s{window} {number}",
                instance_id=f"{self.name}i{window} {number}",
                journey=journey,
                key=f"{self.name}k{window} {number}",
                card_hash=journey,
                acts_from=due + HALF_HOUR if late else pick.choice([LONG_AGO, due]),
                entered_at=due - hours(1),
                reached_at=due,
                node_id=pick.choice(self.nodes),
                action=pick.choice(self.actions),
            )

    def retold(self, window: int, known: Mapping[str, Step]) -> Iterator[Step]:
        """Yield known steps that are told otherwise in a window, and what comes in their place."""
        pick = self._chance(f"retold {window}")
        for step in known.values():
            if not step.is_current or step.kind != "step":
                continue
            match pick.choice([0, 1, 2, 3, *[4] * 60]):
                case 0:
                    yield replace(step, is_current=False)
                case 1:
                    yield replace(step, is_current=False)
                    yield replace(
                        step,
                        step_id=f"{step.step_id} again",
                        instance_id=f"{step.instance_id} again",
                        reached_at=step.reached_at + HALF_HOUR,
                    )
                case 2:
                    end = pick.choice(["goal", "exit", "expired"])
                    yield replace(step, step_id=f"{step.step_id} end", kind=end, action=None)
                case 3:
                    yield replace(step, node_id=pick.choice(self.nodes))
                case _:
                    pass

    def touches(self, window: int) -> bool:
        """Tell whether its people are touched though nothing is told of them."""
        return window == 0 or self._chance(f"touch {window}").random() < 0.25

    @cached_property
    def _permissions(self) -> Sequence[tuple[Permission, int, int]]:
        """Permissions, each with its first window and the one in which it is no longer so."""
        pick, found = self._chance("permissions"), list[tuple[Permission, int, int]]()
        for point in self.points:
            for class_ in CLASSES:
                for brand in BRANDS:
                    share = 0.85 if class_ in ("marketing", "sales") else 0.2
                    if pick.random() < share:
                        found += self._permission(pick, point.point_id, class_, brand)
        return found

    def _permission(
        self, pick: Random, point_id: str, class_: str, brand: str
    ) -> Iterator[tuple[Permission, int, int]]:
        is_granted, last = pick.random() < 0.93, len(self.batch_times)
        end = min(pick.randrange(1, 60), last)
        said = Permission(point_id, class_, brand, is_granted=is_granted, stated_at=LONG_AGO)
        yield said, 0, end
        if end < last:
            yield replace(said, is_granted=False, stated_at=self.batch_times[end]), end, last

    def _about(self, pick: Random) -> datetime:
        """Return a time about the batches, or that of one of them."""
        if pick.random() < 0.3:
            return pick.choice(self.batch_times)
        first = self.batch_times[0] - hours(24)
        return first + HALF_HOUR * pick.randrange(int((self.batch_times[-1] - first) / HALF_HOUR))

    def _span(self, pick: Random) -> tuple[datetime, datetime]:
        since = self._about(pick)
        until = since + hours(pick.choice([0.5, 2, 6, 12, 24]))
        return since, pick.choice([until, until, until, END_OF_TIME])

    def _chance(self, part: str) -> Random:
        return chance(f"{self.name} {part}")


def _regrouped(pick: Random, groups: list[list[int]]) -> list[list[int]]:
    """Return the persons of the next window: perhaps two became one, or one fell apart."""
    if len(groups) > 1 and pick.random() < 0.2:
        one, other = pick.sample(groups, 2)
        return [group for group in groups if group not in (one, other)] + [one + other]
    whole = [group for group in groups if len(group) > 1]
    if whole and pick.random() < 0.12:
        broken = pick.choice(whole)
        cut = pick.randint(1, len(broken) - 1)
        return [group for group in groups if group is not broken] + [broken[:cut], broken[cut:]]
    return groups
