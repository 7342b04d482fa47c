"""All instances of all persons: who enters what, and who may not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from .cards import Card
from .guards import Interval, edges, latest
from .instances import Instance, Outcome, Outcomes
from .life import World, life
from .live import Activation, CardLog
from .signals import START_OF_TIME, Signal, once

_Row = TypeVar("_Row", Signal, Interval)


@dataclass(frozen=True)
class Known:
    """What is known at the end of a window. Signals and guards stand in load order.

    `person_of` maps node to person, `zones` person to time zone, `outcomes` step id to what became
    of its action. `hand_list` names the signals in the order that settles ties.
    """

    log: Sequence[Activation]
    signals: Sequence[Signal]
    guards: Sequence[Interval]
    person_of: Mapping[str, str]
    watermark: datetime
    hand_list: Sequence[str]
    zones: Mapping[str, str] = field(default_factory=dict[str, str])
    outcomes: Outcomes = field(default_factory=dict[str, Outcome])


def fold(known: Known) -> list[Instance]:
    """Return every instance, those of one person, journey and key in order of entry."""
    held, heard = _by_person(known, latest(known.guards)), _by_person(known, once(known.signals))
    journeys = dict.fromkeys(name for row in known.log for name in row.release.cards)
    found: list[Instance] = []
    for person in sorted({*held, *heard}):
        mine = [one for one in edges(held[person]) if one.occurred_at <= known.watermark]
        for journey in journeys:
            world = World(
                log=CardLog(journey, known.log),
                signals=[*heard[person], *mine],
                held=held[person],
                zone=known.zones.get(person),
                outcomes=known.outcomes,
                hand_list=known.hand_list,
                watermark=known.watermark,
            )
            found += _of_one(world)
    return found


def _by_person(known: Known, rows: Iterable[_Row]) -> defaultdict[str, list[_Row]]:
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        person = known.person_of.get(row.node_id)
        if person:
            found[person].append(row)
    return found


def _of_one(world: World) -> list[Instance]:
    """Return the instances of one person and journey."""
    entries = [(card, one) for one in world.signals if (card := world.log.live(one.loaded_at))]
    found: list[Instance] = []
    one_at_a_time: list[Instance] = []
    for card, entry in sorted(entries, key=lambda two: world.turn(*two)):
        key = entry.key if card.key is not None else None
        before = [one for one in one_at_a_time if one.key == key]
        if not _has_its_key(card, entry) or not _may_enter(world, card, entry, before):
            continue
        instance = life(world, card, key, entry)
        found += [instance] if instance else []
        one_at_a_time += [instance] if instance and not card.starts_with_each_entry else []
    return found


def _has_its_key(card: Card, entry: Signal) -> bool:
    return card.key is None or entry.key is not None


def _may_enter(world: World, card: Card, entry: Signal, before: Sequence[Instance]) -> bool:
    if card.starts_with_each_entry:
        return True
    if not all(_is_over(world, one, card, entry) for one in before):
        return False
    match card.reentry:
        case "always":
            return True
        case "after_exit":
            ended = max((one.last.reached_at for one in before), default=START_OF_TIME)
            return entry.occurred_at - ended >= card.cooldown
        case _:
            return not before


def _is_over(world: World, instance: Instance, card: Card, entry: Signal) -> bool:
    """Tell whether an instance has ended before a signal has its turn to enter a card.

    A signal has one turn: what it ends it does not begin anew.
    """
    if instance.is_open or instance.last.reached_at != entry.occurred_at:
        return not instance.is_open and instance.last.reached_at < entry.occurred_at
    if instance.ended_by:
        ended = world.turn(instance.card, instance.ended_by)
        return entry != instance.ended_by and ended < world.turn(card, entry)
    return instance.last.transition_id in {"expired", "withdrawn", "blocked"}
