"""The whole model: records and cards in, persons, permissions and steps out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from . import retail
from .cards import Card
from .consent import Permission, PermissionKey, permissions
from .fold import Known, fold
from .identity import People, resolve
from .instances import Instance
from .live import Activation, Release
from .records import Record
from .signals import START_OF_TIME
from .standing import Basis, Standing, law_of, standings
from .suppressions import Suppression, SuppressionKey, suppressions
from .words import words


class Model:
    """What the warehouse must say at `watermark` (naive UTC) of the records loaded so far.

    The cards are live from the beginning on.
    """

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
        """What was said."""
        return permissions(words(self.records), self.people)

    def standings(self, bases: Iterable[Basis]) -> dict[PermissionKey, Standing]:
        """What is allowed at the watermark to `main`, where something was said."""
        law = law_of(self.records, self.people, bases)
        return standings(self.permissions, self.people, law, self._watermark)

    @cached_property
    def suppressions(self) -> dict[SuppressionKey, Suppression]:
        """Whom nobody may contact, and until when."""
        return suppressions(self.records)

    @cached_property
    def instances(self) -> list[Instance]:
        """All runs of all persons through all journeys."""
        release = Release("first", {card.journey: card for card in self._cards})
        return fold(
            Known(
                log=[Activation("activate", release, START_OF_TIME)],
                signals=retail.signals(self.records),
                guards=retail.intervals(self.records),
                person_of=self.people.person_of,
                watermark=self._watermark,
                hand_list=retail.HAND_LIST,
            )
        )
