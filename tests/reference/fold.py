"""One person, one journey, one key: the steps that the signals and the time cause."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from baton.ids import make_id

from .cards import Card, Rule
from .guards import END_OF_TIME, Interval, first_hold, holds
from .signals import Signal


@dataclass(frozen=True)
class Step:
    """One step of one instance. `cause` is an event id, or the step whose time ran out."""

    step_id: str
    instance_id: str
    step_no: int
    transition_id: str
    from_step: str | None
    step: str
    kind: str
    cause: str
    reached_at: datetime
    action: str | None = None


@dataclass(frozen=True)
class Cause:
    """What brings a step about, when, and what is done then."""

    cause: str
    at: datetime
    action: str | None = None


@dataclass
class Instance:
    """One run of one person and key through a journey."""

    card: Card
    key: str | None
    entry: Signal
    steps: list[Step] = field(default_factory=list)
    is_open: bool = True

    @property
    def instance_id(self) -> str:
        return make_id("instance", self.card.journey, self.entry.event_id)

    @property
    def horizon_at(self) -> datetime:
        return self.entry.occurred_at + self.card.horizon

    @property
    def sealed_at(self) -> datetime:
        """What is loaded from here on counts no more."""
        known = max(self.entry.occurred_at, self.entry.loaded_at)
        return known + self.card.horizon + self.card.grace

    @property
    def last(self) -> Step:
        return self.steps[-1]

    def counts(self, signal: Signal) -> bool:
        """Tell whether a signal can still move the instance."""
        return signal.occurred_at < self.horizon_at and signal.loaded_at < self.sealed_at


def fold(
    card: Card,
    key: str | None,
    heard: Iterable[Signal],
    held: Sequence[Interval],
    watermark: datetime,
) -> list[Instance]:
    """Return the instances, in order of entry. Time acts up to and with the watermark.

    One at most is open at a time, but with a key and re-entry `always`, where each entry counts.

    A signal without the key moves the instance, and cannot start it. Each signal acts once, in
    its turn: at one instant first what can exit, then what can reach a goal, then the others,
    and timers last. So an exit at the instant of an entry comes before it and is not heard.
    """
    turns = sorted(heard, key=lambda one: _turn(card, one))
    if card.reentry == "always" and card.key is not None:
        once = replace(card, reentry="never")
        runs = (_run(once, key, turns[at:], held, watermark) for at in range(len(turns)))
        return [run[0] for at, run in enumerate(runs) if run and run[0].entry == turns[at]]
    return _run(card, key, turns, held, watermark)


def _run(
    card: Card,
    key: str | None,
    turns: Sequence[Signal],
    held: Sequence[Interval],
    watermark: datetime,
) -> list[Instance]:
    """Return the instances, of which one at most is open at a time."""
    instances: list[Instance] = []
    for signal in turns:
        current = instances[-1] if instances else None
        if current and current.is_open:
            _let_time_pass(current, held, before=signal.occurred_at)
        if current and current.is_open:
            if current.counts(signal):
                _hear(current, signal, held)
        elif (signal.key == key or card.key is None) and _may_enter(card, current, signal):
            instances += _entered(card, key, signal, held)
    if instances and instances[-1].is_open:
        _let_time_pass(instances[-1], held, upto=watermark)
    return instances


def _turn(card: Card, signal: Signal) -> tuple[datetime, int, str]:
    return signal.occurred_at, card.rank_of(signal.name), signal.event_id


def _hear(instance: Instance, signal: Signal, held: Sequence[Interval]) -> None:
    rule = _strongest(
        rule
        for rule in instance.card.rules
        if rule.leaves(instance.last.step) and _fires(rule, signal, held)
    )
    if rule:
        _move(instance, rule, signal.event_id, signal.occurred_at)


def _may_enter(card: Card, previous: Instance | None, signal: Signal) -> bool:
    if previous is None:
        return True
    match card.reentry:
        case "always":
            return True
        case "after_exit":
            return signal.occurred_at >= previous.last.reached_at + card.cooldown
        case _:
            return False


def _entered(
    card: Card, key: str | None, signal: Signal, held: Sequence[Interval]
) -> Iterator[Instance]:
    entries = (rule for rule in card.rules if rule.source is None)
    rule = _strongest(rule for rule in entries if _fires(rule, signal, held))
    if rule:
        instance = Instance(card, key, signal)
        _move(instance, rule, signal.event_id, signal.occurred_at)
        yield instance


def _strongest(rules: Iterable[Rule]) -> Rule | None:
    return min(rules, key=lambda rule: (rule.rank, rule.position), default=None)


def _fires(rule: Rule, signal: Signal, held: Sequence[Interval]) -> bool:
    return rule.signal == signal.name and holds(rule.condition, held, signal.occurred_at)


def _let_time_pass(
    instance: Instance,
    held: Sequence[Interval],
    *,
    before: datetime = END_OF_TIME,
    upto: datetime = END_OF_TIME,
) -> None:
    """Fire timers before an event or up to the watermark; the horizon ends what is still open."""
    while instance.is_open:
        due = min(_due(instance, held), default=None, key=lambda one: one[:3])
        if due and due[0] < before and due[0] <= upto:
            _move(instance, due[3], instance.last.step_id, due[0])
        elif instance.horizon_at <= min(before, upto):
            _end(instance, "expired", instance.horizon_at)
        else:
            return


def _due(instance: Instance, held: Sequence[Interval]) -> Iterator[tuple[datetime, int, int, Rule]]:
    for rule in instance.card.rules:
        if rule.after and rule.leaves(instance.last.step):
            at = first_hold(rule.condition, held, instance.last.reached_at + rule.after)
            if at and at < instance.horizon_at:
                yield at, rule.rank, rule.position, rule


def _move(instance: Instance, rule: Rule, cause: str, at: datetime) -> None:
    if len(instance.steps) >= instance.card.max_steps:
        _end(instance, "runaway", at, cause)
        return
    _add(instance, rule.transition_id, rule.target, rule.kind, Cause(cause, at, rule.action))
    instance.is_open = rule.kind not in {"goal", "exit"}


def _end(instance: Instance, word: str, at: datetime, cause: str | None = None) -> None:
    _add(instance, word, word, word, Cause(cause or instance.last.step_id, at))
    instance.is_open = False


def _add(instance: Instance, transition_id: str, step: str, kind: str, why: Cause) -> None:
    instance.steps.append(
        Step(
            step_id=make_id("step", instance.instance_id, transition_id, why.cause),
            instance_id=instance.instance_id,
            step_no=len(instance.steps) + 1,
            transition_id=transition_id,
            from_step=instance.last.step if instance.steps else None,
            step=step,
            kind=kind,
            cause=why.cause,
            reached_at=why.at,
            action=why.action,
        )
    )
