"""The life of one instance: what happens to it next, again and again, until nothing does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from .cards import Card, Rule
from .guards import Interval, first_hold, holds
from .instances import Instance, Outcomes
from .live import CardLog, Turn
from .signals import Signal

_MOVE, _BLOCK, _SIGNAL, _TIMER, _HORIZON = range(5)


class _Next(NamedTuple):
    """Something that may happen, and what then comes of it. Smaller comes first."""

    at: datetime
    order: int
    place: tuple[int | str, ...]
    happen: Callable[[], None]


@dataclass(frozen=True)
class World:
    """What is known of one person and journey. `signals` are those heard up to the watermark."""

    log: CardLog
    signals: Sequence[Signal]
    held: Sequence[Interval]
    zone: str | None
    outcomes: Outcomes
    hand_list: Sequence[str]
    watermark: datetime

    def turn(self, card: Card, signal: Signal) -> tuple[datetime, int, int, str]:
        """Return the signal's place among all that the person's instances of a card hear."""
        last = len(self.hand_list)
        in_list = last if signal.is_edge else self.hand_list.index(signal.name)
        return signal.occurred_at, card.class_of(signal.name), in_list, signal.event_id

    def fires(self, rule: Rule, signal: Signal) -> bool:
        return rule.trigger == signal.name and holds(rule.condition, self.held, signal.occurred_at)


def strongest(rules: Iterable[Rule]) -> Rule | None:
    """Return the rule that is taken of several."""
    return min(rules, key=lambda rule: (rule.rank, rule.position), default=None)


def life(world: World, card: Card, key: str | None, entry: Signal) -> Instance | None:
    """Return the instance that an entry signal starts, None if its conditions do not hold."""
    instance = Instance(card, key, entry)
    rule = strongest(
        rule
        for rule in card.rules
        if rule.source is None and world.fires(rule, entry) and rule.takes(instance.instance_id)
    )
    if rule is None:
        return None
    run = _Run(world, instance)
    run.take(rule, entry.occurred_at, entry)
    while instance.is_open:
        coming = min(run.coming(), default=None, key=lambda one: one[:3])
        if coming is None:
            break
        coming.happen()
    return instance


class _Run:
    """One instance on its way. `_unheard` are the signals whose turn is still to come."""

    def __init__(self, world: World, instance: Instance) -> None:
        self._world = world
        self._instance = instance
        self._looked_at = instance.entry.loaded_at
        mine = world.turn(instance.card, instance.entry)
        self._unheard = [one for one in world.signals if world.turn(instance.card, one) > mine]

    def coming(self) -> Iterator[_Next]:
        """Yield the next of each kind."""
        yield from self._moves()
        yield from self._block()
        yield from self._signals()
        yield from self._timers()
        yield from self._horizon()

    def take(self, rule: Rule, at: datetime, signal: Signal | None = None) -> None:
        """Take a transition, or end as a runaway."""
        instance = self._instance
        cause = signal.event_id if signal else None
        instance.remarks.update(_remarks(rule, signal))
        if rule.wait and instance.on_block == "wait":
            instance.remarks["held-up waits"] += 1
        if len(instance.steps) >= instance.card.max_steps:
            instance.end("runaway", at, cause=cause)
        else:
            instance.add(rule.transition_id, rule.target, rule.kind, cause, at, action=rule.action)
            instance.is_open = not rule.is_final
            instance.reached_at = instance.not_before = at
            instance.on_block = rule.on_block
        instance.ended_by = None if instance.is_open else signal

    def _moves(self) -> Iterator[_Next]:
        turn = self._world.log.next_turn(self._instance.card, self._looked_at)
        if turn:
            yield _Next(turn.at, _MOVE, (0, 0, ""), partial(self._turn_to, turn))

    def _turn_to(self, turn: Turn) -> None:
        self._looked_at = turn.at
        instance = self._instance
        if turn.to and turn.to.has_open_step(instance.last.step):
            instance.add("moved", instance.last.step, "step", None, turn.at)
            instance.remarks[f"moves by {'withdrawal' if turn.is_stop else 'migration'}"] += 1
            instance.card, instance.on_block, instance.not_before = turn.to, None, turn.at
        elif turn.is_stop:
            instance.end("withdrawn", turn.at)

    def _block(self) -> Iterator[_Next]:
        instance = self._instance
        outcome = self._world.outcomes.get(instance.last.step_id)
        if instance.on_block == "exit" and outcome and outcome.blocked_at:
            at = max(outcome.blocked_at, instance.reached_at)
            if at < instance.horizon_at:
                yield _Next(at, _BLOCK, (0, 0, ""), partial(instance.end, "blocked", at, "exit"))

    def _signals(self) -> Iterator[_Next]:
        card = self._instance.card
        for signal in self._unheard:
            at, *place = self._world.turn(card, signal)
            yield _Next(at, _SIGNAL, (*place,), partial(self._hear, signal))

    def _hear(self, signal: Signal) -> None:
        self._unheard.remove(signal)
        instance = self._instance
        if not instance.is_meant_by(signal):
            return
        rule = strongest(rule for rule in self._ways_on() if self._world.fires(rule, signal))
        if rule and signal.loaded_at >= instance.sealed_at:
            instance.remarks["sealed ignorals"] += 1
        elif rule and instance.counts(signal):
            self.take(rule, signal.occurred_at, signal)

    def _timers(self) -> Iterator[_Next]:
        instance, world = self._instance, self._world
        since = self._timers_run_from()
        if since is None:
            return
        for rule in self._ways_on():
            if rule.wait is None:
                continue
            due = rule.wait.over(since, world.zone or instance.card.timezone)
            at = first_hold(rule.condition, world.held, max(due, instance.not_before))
            if at and at < instance.horizon_at and at <= world.watermark:
                place = rule.rank, rule.position, ""
                yield _Next(at, _TIMER, place, partial(self.take, rule, at))

    def _timers_run_from(self) -> datetime | None:
        instance = self._instance
        if instance.on_block != "wait":
            return instance.reached_at
        outcome = self._world.outcomes.get(instance.last.step_id)
        done_at = outcome.done_at if outcome else None
        return max(done_at, instance.reached_at) if done_at else None

    def _horizon(self) -> Iterator[_Next]:
        instance = self._instance
        at = max(instance.horizon_at, instance.not_before)
        if at <= self._world.watermark:
            yield _Next(at, _HORIZON, (0, 0, ""), partial(instance.end, "expired", at))

    def _ways_on(self) -> Iterator[Rule]:
        instance = self._instance
        for rule in instance.card.rules:
            if rule.leaves(instance.last.step) and rule.takes(instance.instance_id):
                yield rule


def _remarks(rule: Rule, signal: Signal | None) -> Iterator[str]:
    if len(rule.share) < 100:
        yield "splits"
    if rule.wait and rule.wait.at:
        yield "local waits"
    if signal and signal.is_edge:
        yield "edges heard"
