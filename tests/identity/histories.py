"""Random histories of what an installation is told, few identifiers meeting often."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from .told import Blocked, Decision, Identifier, Policies, Proposal, Record, Rule, Window

TYPES = ("crm_contact", "user", "email", "phone", "device", "anonymous")
UNRULED = "click"
_SINCE = datetime(2025, 1, 1)


def history(seed: int, windows: int) -> tuple[Window, ...]:
    """The history of this seed."""
    drawing = _Drawing(Random(seed))  # noqa: S311
    return _with_some_that_come_once([drawing.window(number) for number in range(windows)])


def _with_some_that_come_once(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Most records without another version are of a source that has none."""
    versions = Counter(record.record_id for window in windows for record in window.records)
    of_few = frozenset(f"record {number}" for number in range(0, 1_000, 4))

    def told(record: Record) -> Record:
        comes_once = versions[record.record_id] == 1 and record.record_id not in of_few
        return replace(record, comes_once=comes_once)

    return tuple(replace(window, records=tuple(map(told, window.records))) for window in windows)


class _Drawing:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._pool = [
            Identifier(name, f"{name}{number}")
            for name in (*TYPES, UNRULED)
            for number in range(random.choice([2, 3, 5]))
        ]
        self._debated = random.sample(self._pool, 4)
        self._records: list[Record] = []
        self._decided: list[Decision] = []
        self._seen: list[Identifier] = []

    def window(self, number: int) -> Window:
        random, at = self._random, _SINCE + timedelta(hours=number)
        records = tuple(self._record() for _ in range(random.choice([0, 1, 3, 8])))
        erased = random.choice(self._seen).id if self._seen and random.random() < 0.2 else None
        self._seen += [one for record in records for one in record.shows]
        decisions = [self._decision(at) for _ in range(random.choice([0, 0, 0, 1, 2]))]
        decisions += self._quarrel(at) if random.random() < 0.15 else []
        self._decided += decisions
        return Window(
            records,
            tuple(decisions),
            tuple(self._proposal(at) for _ in range(random.choice([0, 0, 0, 1, 2]))),
            erased,
            self._policies() if number == 0 or random.random() < 0.25 else None,
        )

    def _record(self) -> Record:
        """A record, now and then another version of an earlier one that shows the same or not."""
        random = self._random
        at = _SINCE + timedelta(hours=random.randrange(6))
        picked = {one.type: one for one in random.sample(self._pool, random.choice([1, 2, 2, 3]))}
        shows = sorted(picked.values(), key=lambda one: (*TYPES, UNRULED).index(one.type))
        new = Record(f"record {len(self._records)}", tuple(shows), at)
        if self._records and random.random() < 0.2:
            earlier = random.choice(self._records)
            is_same = random.random() < 0.7
            new = Record(earlier.record_id, earlier.shows if is_same else new.shows, at)
        self._records.append(new)
        return new

    def _decision(self, at: datetime) -> Decision:
        random = self._random
        kind = random.choice(["force", "never", "lifted"])
        if self._decided and random.random() < 0.4:
            earlier = random.choice(self._decided)
            return Decision(kind, earlier.one, earlier.other, "a steward", at)
        one, other = random.sample(self._debated if random.random() < 0.4 else self._pool, 2)
        return Decision(kind, one.id, other.id, "a steward", at)

    def _quarrel(self, at: datetime) -> list[Decision]:
        """Two are kept apart whom a third is one with."""
        one, other, third = (each.id for each in self._random.sample(self._debated, 3))
        return [
            Decision("force", one, third, "a steward", at),
            Decision("never", one, other, "another steward", at),
            Decision("force", other, third, "a steward", at),
        ]

    def _proposal(self, at: datetime) -> Proposal:
        one, other = self._random.sample(self._pool, 2)
        return Proposal(one.id, other.id, self._random.choice([0.9, 0.7, None]), at)

    def _policies(self) -> Policies:
        random = self._random
        blocked = [
            Blocked("exact", random.choice(self._pool).value, random.choice([None, "email"]))
            for _ in range(random.choice([0, 0, 1]))
        ]
        if random.random() < 0.3:
            blocked.append(Blocked("pattern", "%1", "email"))
        overrides: list[tuple[str, str, str]] = []
        if random.random() < 0.3:
            one, other = random.sample(self._pool, 2)
            overrides.append((random.choice(["force", "never"]), one.id, other.id))
        rules = {name: self._rule(place) for place, name in enumerate(TYPES)}
        return Policies(rules, tuple(blocked), tuple(overrides))

    def _rule(self, place: int) -> Rule:
        random, is_weak = self._random, place > 1
        return Rule(
            priority=place + 1,
            links=random.random() > 0.06,
            confidence=random.choice([1.0, 0.9, 0.8]),
            fanout_cap=random.choice([None, 2, 3, 4]) if is_weak else None,
            cardinality_to={
                to: random.choice([1, 1, 2])
                for to in TYPES
                if to != TYPES[place] and random.random() < 0.25
            },
            max_per_person=random.choice([None, 1, 1, 2]) if random.random() < 0.5 else None,
        )
