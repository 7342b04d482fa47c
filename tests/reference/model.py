"""The whole model: records and cards in, persons, permissions and steps out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from .cards import Card
from .consent import Permission, PermissionKey, permissions
from .fold import Instance, fold
from .guards import Interval, intervals
from .identity import People, resolve
from .records import Record, Statement
from .signals import Signal, signals


class Model:
    """What the warehouse must say at `watermark` (naive UTC) of the records loaded so far."""

    def __init__(
        self, records: Iterable[Record], cards: Sequence[Card], watermark: datetime
    ) -> None:
        self.records = tuple(records)
        self._cards = cards
        self._watermark = watermark

    def as_of_window(self, window: int, watermark: datetime) -> "Model":
        """Return the model of what was loaded up to and with a window."""
        known = (record for record in self.records if record.load.window <= window)
        return Model(known, self._cards, watermark)

    @cached_property
    def people(self) -> People:
        """Who is who."""
        return resolve(self.records)

    @cached_property
    def permissions(self) -> dict[PermissionKey, Permission]:
        """What is allowed."""
        said = (record for record in self.records if isinstance(record, Statement))
        return permissions(said, self.people)

    @cached_property
    def instances(self) -> list[Instance]:
        """All runs of all persons through all journeys."""
        found: list[Instance] = []
        heard, held = self._heard_by_person(), self._held_by_person()
        for person, of_person in heard.items():
            for card in self._cards:
                mine = [signal for signal in of_person if signal.name in card.signals]
                for key, group in _groups(card, mine):
                    found += fold(card, key, group, held[person], self._watermark)
        return found

    def _heard_by_person(self) -> dict[str, list[Signal]]:
        found: dict[str, list[Signal]] = defaultdict(list)
        for signal in signals(self.records):
            person = self.people.person_of.get(signal.node_id)
            if person:
                found[person].append(signal)
        return found

    def _held_by_person(self) -> dict[str, list[Interval]]:
        found: dict[str, list[Interval]] = defaultdict(list)
        for interval in intervals(self.records):
            found[self.people.person_of[interval.node_id]].append(interval)
        return found


def _groups(card: Card, heard: Sequence[Signal]) -> Iterator[tuple[str | None, list[Signal]]]:
    """Yield the signals of each key: its own and those without one."""
    if card.key is None:
        yield None, list(heard)
        return
    for key in dict.fromkeys(signal.key for signal in heard if signal.key is not None):
        yield key, [one for one in heard if one.key in {key, None}]
