"""Cards in time: which one is live when, and what activations do to those who are under way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .cards import Card
from .signals import END_OF_TIME


@dataclass(frozen=True)
class Release:
    """Cards by journey, under one id."""

    release_id: str
    cards: Mapping[str, Card]


@dataclass(frozen=True)
class Activation:
    """One row of the log: `activate` or `withdraw`, and when the warehouse learnt of it."""

    kind: str
    release: Release
    learnt_at: datetime


@dataclass(frozen=True)
class Turn:
    """An instant at which a card stops, or one that moves those under way begins."""

    at: datetime
    to: Card | None
    is_stop: bool


class CardLog:
    """The activations of one journey, in their order. Rows learnt at one instant act together."""

    def __init__(self, journey: str, log: Sequence[Activation]) -> None:
        self._journey = journey
        self._log = log

    def live(self, at: datetime) -> Card | None:
        """Return the card for what becomes known at an instant, None if there is none."""
        if at < self._begins_at:
            return self._first
        standing = self._standing(at)
        return self._card(standing[-1]) if standing else None

    def next_turn(self, card: Card, after: datetime) -> Turn | None:
        """Return when instances of a card stop or are called to another one, None if never."""
        for at in sorted({row.learnt_at for row in self._log if row.learnt_at > after}):
            if self._is_stopped(card, at):
                return Turn(at, self.live(at), is_stop=True)
            new = self._called_at(at)
            if new and new != card:
                return Turn(at, new, is_stop=False)
        return None

    @cached_property
    def _first(self) -> Card | None:
        return next((card for row in self._log if (card := self._card(row.release))), None)

    @cached_property
    def _begins_at(self) -> datetime:
        own = (row for row in self._log if row.kind == "activate" and self._card(row.release))
        return min((row.learnt_at for row in own), default=END_OF_TIME)

    def _standing(self, at: datetime) -> list[Release]:
        """Return what was activated and not withdrawn since, the latest last."""
        standing: list[Release] = []
        for row in self._log:
            if row.learnt_at <= at and row.kind == "withdraw":
                standing = [one for one in standing if one != row.release]
            elif row.learnt_at <= at:
                standing.append(row.release)
        return standing

    def _is_stopped(self, card: Card, at: datetime) -> bool:
        withdrawn = [
            self._card(row.release)
            for row in self._log
            if row.learnt_at == at and row.kind == "withdraw"
        ]
        return card in withdrawn and card not in map(self._card, self._standing(at))

    def _called_at(self, at: datetime) -> Card | None:
        """Return the card that is activated at an instant and calls to it who is under way."""
        activated = [
            row.release for row in self._log if row.learnt_at == at and row.kind == "activate"
        ]
        standing = self._standing(at)
        card = self._card(standing[-1]) if standing and standing[-1] in activated else None
        return card if card and card.migrates else None

    def _card(self, release: Release) -> Card | None:
        return release.cards.get(self._journey)
