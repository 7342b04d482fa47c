"""A card as places and moves between them, with what is known of how many went where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from baton.cards import CompiledCard, Rule
from baton.cards.words import ANY
from baton.journeys.counts import Counts
from baton.journeys.drawing.words import (
    condition_words,
    share_words,
    terms_words,
    trigger_words,
)
from baton.releases.rules import duration

START = "(start)"
EXPIRED = "expired"

PlaceKind = Literal["start", "any", "step", "goal", "exit", "end"]


@dataclass(frozen=True)
class Place:
    """A step, or one of the places that every card has: where all start, any open step, the end.

    `here` are the instances that stand in it now, `reached` those that ever came; None where
    nothing is known.
    """

    name: str
    kind: PlaceKind
    here: int | None = None
    reached: int | None = None


@dataclass(frozen=True)
class Move:
    """A transition, from one or several places; `taken` is how often, None where not known."""

    sources: tuple[str, ...]
    target: str
    trigger: str
    share: str | None
    condition: str | None
    action: str | None
    terms: str | None
    why: str
    taken: int | None


@dataclass(frozen=True)
class Graph:
    """What is drawn of a card. Places are in the order in which the card names them."""

    card: CompiledCard
    places: tuple[Place, ...]
    moves: tuple[Move, ...]
    counts: Counts


def graph_of(card: CompiledCard, counts: Counts) -> Graph:
    """Return the card as a graph: rules that differ only in where they come from are one move."""
    kinds: dict[str, PlaceKind] = {START: "start"}
    for rule in card.rules:
        kinds.setdefault(rule.to_step, "step" if rule.kind == "enter" else rule.kind)
    kinds |= {ANY: "any", EXPIRED: "end"}
    others: dict[str, PlaceKind] = {name: "end" for name in counts.reached if name not in kinds}
    places = (_place(name, kind, counts) for name, kind in (kinds | others).items())
    moves = (*_moves(card, counts), _expiry(card, counts))
    return Graph(card, tuple(places), moves, counts)


def _place(name: str, kind: PlaceKind, counts: Counts) -> Place:
    if kind in ("start", "any"):
        return Place(name, kind)
    here = counts.here.get(name, 0) if kind == "step" else None
    known = counts.missing is None
    reached = counts.reached.get(name, 0)
    return Place(name, kind, here if known else None, reached if known else None)


def _moves(card: CompiledCard, counts: Counts) -> Iterator[Move]:
    alike: dict[tuple[object, ...], list[Rule]] = {}
    for rule in card.rules:
        said = (share_words(rule), condition_words(rule, card.conditions), terms_words(rule))
        key = (rule.to_step, trigger_words(rule), *said, rule.action, rule.why)
        alike.setdefault(key, []).append(rule)
    for rules in alike.values():
        first = rules[0]
        yield Move(
            sources=tuple(rule.from_step or START for rule in rules),
            target=first.to_step,
            trigger=trigger_words(first),
            share=share_words(first),
            condition=condition_words(first, card.conditions),
            action=first.action,
            terms=terms_words(first),
            why=first.why,
            taken=_taken(((rule.transition_id, rule.to_step) for rule in rules), counts),
        )


def _expiry(card: CompiledCard, counts: Counts) -> Move:
    known = counts.missing is None
    return Move(
        sources=(ANY,),
        target=EXPIRED,
        trigger=f"{duration(card.horizon_s)} after entering",
        share=None,
        condition=None,
        action=None,
        terms=None,
        why="the horizon of the card",
        taken=counts.reached.get(EXPIRED, 0) if known else None,
    )


def _taken(ways: Iterable[tuple[str, str]], counts: Counts) -> int | None:
    if counts.missing is not None:
        return None
    taken: Mapping[tuple[str, str], int] = counts.taken
    return sum(taken.get(way, 0) for way in set(ways))
