"""Rules of `docs/reference/cards.md`, each broken on purpose in what the reference is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reference.cards import Card, Condition, Rule
from reference.fold import Known
from reference.guards import Interval
from reference.instances import Outcome
from reference.live import Activation, Release
from reference.local_time import Wait
from reference.signals import Signal

Breaking = Callable[[Known], Known]
_SECOND, _INSTANT = timedelta(seconds=1), timedelta(microseconds=1)


def of_cards(change: Callable[[Card], Card]) -> Breaking:
    """Return the breaking of all cards."""

    def broken(known: Known) -> Known:
        return replace(known, log=[_with_cards(row, change) for row in known.log])

    return broken


def _with_cards(row: Activation, change: Callable[[Card], Card]) -> Activation:
    cards = {name: change(card) for name, card in row.release.cards.items()}
    return replace(row, release=Release(row.release.release_id, cards))


def of_rules(change: Callable[[Rule], Rule]) -> Breaking:
    """Return the breaking of all transitions."""
    return of_cards(lambda card: replace(card, rules=tuple(map(change, card.rules))))


def of_signals(change: Callable[[Signal], Signal]) -> Breaking:
    """Return the breaking of all signals."""
    return lambda known: replace(known, signals=[change(one) for one in known.signals])


def of_guards(change: Callable[[Interval], Interval]) -> Breaking:
    """Return the breaking of all versions of guards."""
    return lambda known: replace(known, guards=[change(one) for one in known.guards])


def of_outcomes(change: Callable[[Outcome], Outcome]) -> Breaking:
    """Return the breaking of what became of actions."""
    return lambda known: replace(
        known, outcomes={step_id: change(one) for step_id, one in known.outcomes.items()}
    )


def of_log(change: Callable[[Activation], Activation | None]) -> Breaking:
    """Return the breaking of the log of activations."""

    def broken(known: Known) -> Known:
        return replace(known, log=[row for each in known.log if (row := change(each))])

    return broken


@dataclass(frozen=True)
class FirstTime(Wait):
    """A wait that takes the first of two times, and goes back where the clocks skip one."""

    def over(self, since: datetime, zone: str) -> datetime:
        """Return the instant at which it is over."""
        earliest = since + self.after
        if self.at is None:
            return earliest
        days = [earliest.date() + timedelta(days=number) for number in range(-2, 12)]
        return min(
            at
            for day in days
            if day.weekday() in self.days and (at := self._first(day, zone)) >= earliest
        )

    def _first(self, day: date, zone: str) -> datetime:
        assert self.at
        local = datetime.combine(day, self.at, ZoneInfo(zone))
        both = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return min(both).replace(tzinfo=None)


def _first_time(rule: Rule) -> Rule:
    wait = rule.wait
    return replace(rule, wait=FirstTime(wait.after, wait.at, wait.days) if wait else None)


def _any_day(rule: Rule) -> Rule:
    days = frozenset(range(7))
    return replace(rule, wait=replace(rule.wait, days=days) if rule.wait else None)


def _longer(rule: Rule) -> Rule:
    wait = rule.wait
    return replace(rule, wait=replace(wait, after=wait.after + _SECOND) if wait else None)


def _unsplit(rule: Rule) -> Rule:
    moved = range(rule.share.start + 5, rule.share.stop + 5)
    return rule if len(rule.share) == 100 else replace(rule, share=moved)


def _one_person_each(known: Known) -> Known:
    return replace(known, person_of={node: f"p{node}" for node in known.person_of})


def _keyless(signal: Signal) -> Signal:
    return signal if signal.key else replace(signal, key="another")


def _last_told(known: Known) -> Known:
    return replace(known, signals=[*reversed(known.signals)])


def _touching_apart(held: Interval) -> Interval:
    is_real = held.since < held.until
    return replace(held, until=held.until - _INSTANT) if is_real else held


def _first_versions(known: Known) -> Known:
    return replace(known, guards=[*reversed(known.guards)])


def _not_ending(rule: Rule) -> Rule:
    return replace(rule, kind="step" if rule.kind == "exit" else rule.kind)


def _late_withdrawals(known: Known) -> Known:
    """Withdrawals are learnt of a second late."""
    late = [
        replace(row, learnt_at=row.learnt_at + (_SECOND if row.kind == "withdraw" else 0 * _SECOND))
        for row in known.log
    ]
    return replace(known, log=sorted(late, key=lambda row: row.learnt_at))


BROKEN: Mapping[str, Breaking] = {
    "1 a repeated event counts as it was told last": _last_told,
    "2 guards hold an instant less": of_guards(_touching_apart),
    "2 the first version of a guard counts": _first_versions,
    "2 each identifier is somebody else": _one_person_each,
    "4 a signal without a key moves nothing": of_signals(_keyless),
    "5 the hand list is read from its end": lambda known: replace(
        known, hand_list=known.hand_list[::-1]
    ),
    "5 an exit is no stronger than a step": of_rules(_not_ending),
    "6 the later line is taken": of_rules(lambda rule: replace(rule, position=-rule.position)),
    "6 conditions do not matter": of_rules(lambda rule: replace(rule, condition=Condition())),
    "7 the horizon is a second late": of_cards(
        lambda card: replace(card, horizon=card.horizon + _SECOND)
    ),
    "7 nothing is ever sealed": of_cards(lambda card: replace(card, grace=timedelta(days=90))),
    "8 one may enter again at once": of_cards(lambda card: replace(card, cooldown=timedelta(0))),
    "8 one may never enter again": of_cards(lambda card: replace(card, reentry="never")),
    "8 one may always enter again": of_cards(lambda card: replace(card, reentry="always")),
    "11 waits last a second longer": of_rules(_longer),
    "11 any day will do": of_rules(_any_day),
    "11 everybody lives in London": lambda known: replace(
        known, zones=dict.fromkeys(known.person_of.values(), "Europe/London")
    ),
    "11 the first of two local times is meant": of_rules(_first_time),
    "12 the watermark is an instant behind": lambda known: replace(
        known, watermark=known.watermark - _INSTANT
    ),
    "13 time has not come yet": lambda known: replace(
        known, watermark=known.watermark - timedelta(days=2)
    ),
    "14 one step more is allowed": of_cards(
        lambda card: replace(card, max_steps=card.max_steps + 1)
    ),
    "15 a split is five buckets aside": of_rules(_unsplit),
    "16 actions that are not sent do not matter": of_rules(
        lambda rule: replace(rule, on_block=None)
    ),
    "16 actions are done a second late": of_outcomes(
        lambda one: replace(one, done_at=one.done_at + _SECOND if one.done_at else None)
    ),
    "17 nothing is withdrawn": of_log(lambda row: None if row.kind == "withdraw" else row),
    "17 the card of now is everybody's": lambda known: replace(
        known, log=[replace(row, learnt_at=known.log[0].learnt_at) for row in known.log]
    ),
    "18 a withdrawal comes a second late": _late_withdrawals,
    "18 nobody is called to a new card": of_cards(lambda card: replace(card, migrates=False)),
    "18 everybody is called to a new card": of_cards(lambda card: replace(card, migrates=True)),
}
