"""Random policies, and cards to go with them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time, timedelta
from random import Random
from typing import Any

from reference.decisions.policies import (
    Action,
    Cap,
    Holdout,
    Policies,
    Quiet,
    Weight,
)

from .words import CHANNELS, CLASSES, GROUPS, GUARDS, HOUR, JOURNEYS, hours

Row = dict[str, Any]
_PERIODS: tuple[Any, ...] = (hours(6), hours(24), hours(168), "day", "day", "week", "month")

_LIMITS: Mapping[str, tuple[float, ...]] = {
    "person_per_day": (1, 2, 2, 3, 4),
    "journey_per_hour_most": (20, 40, 60, 1000),
    "journey_per_hour_least": (2, 10, 20),
    "journey_per_hour_factor": (1.5, 5, 10, 20),
}


def policies(pick: Random, actions: Mapping[str, Action]) -> Policies:
    """Return policies over these actions, some of them worth something else."""
    return Policies(
        actions={name: _revalued(pick, one) for name, one in actions.items()},
        internal=frozenset(channel for channel, type_ in CHANNELS.items() if type_ is None),
        quiet_hours=tuple(_quiet(pick) for _ in range(pick.randint(0, 4))),
        holdouts=tuple(_holdouts(pick)),
        slots=_slots(pick),
        caps=tuple(_cap(pick, f"cap_{name}") for name in pick.sample("abcdef", pick.randint(1, 5))),
        levers=_levers(pick, actions),
        context_weights=tuple(_weight(pick, actions) for _ in range(pick.randint(0, 4))),
        limits={name: pick.choice(choices) for name, choices in _LIMITS.items()},
    )


def actions(pick: Random, count: int = 9) -> dict[str, Action]:
    """Return random actions. The fallback of one is a later one."""
    found: dict[str, Action] = {}
    for letter in reversed("abcdefghijkl"[:count]):
        one = _action(pick, f"act_{letter}")
        found[one.name] = replace(one, fallback=pick.choice([None, *found, *found]))
    return dict(reversed(found.items()))


def _action(pick: Random, name: str) -> Action:
    return Action(
        name=name,
        outcome=pick.choice(["send", "send", "send", "route", "escalate"]),
        channel=pick.choice(["email", "email", "email", "sms", "sms", "desk"]),
        destination=pick.choice(["mailer", "gateway"]),
        class_=pick.choice([*CLASSES, "sales", "marketing", "service"]),
        value=pick.choice([1.0, 2.0, 2.0, 4.0, 8.0]),
        time_to_live=hours(pick.choice([6, 12, 24, 24, 48])),
        group=pick.choice([*GROUPS, *GROUPS, None]),
        priority=pick.randint(0, 2),
    )


def policy_rows(one: Policies) -> dict[str, list[Row]]:
    """Return the policies as rows of their seeds."""
    return {
        "actions": [_action_row(action) for action in one.actions.values()],
        "channels": [{"channel": name, "node_type": type_} for name, type_ in CHANNELS.items()],
        "quiet_hours": [
            {
                "channel": row.channel,
                "class": row.class_,
                "days": row.days,
                "from_time": f"{row.from_:%H:%M}",
                "until_time": f"{row.until:%H:%M}",
            }
            for row in one.quiet_hours
        ],
        "holdouts": [
            {
                "holdout": row.name,
                "journey": row.journey,
                "class": row.class_,
                "share": row.share,
                "salt": row.salt,
            }
            for row in one.holdouts
        ],
        "slots": [
            {"scope": scope, "name": name, "length": duration(length)}
            for (scope, name), length in one.slots.items()
        ],
        "caps": [_cap_row(row) for row in one.caps],
        "levers": [
            {"scope": scope, "name": name, "lever": lever}
            for (scope, name), lever in one.levers.items()
        ],
        "context_weights": [
            {"guard": row.guard, "action": row.action, "class": row.class_, "weight": row.weight}
            for row in one.context_weights
        ],
        "limits": [{"name": name, "most": most} for name, most in one.limits.items()],
    }


def duration(length: timedelta) -> str:
    """Return a length in the words of a policy."""
    return f"{round(length / HOUR)} hours"


def _revalued(pick: Random, one: Action) -> Action:
    if pick.random() < 0.3:
        return replace(one, value=one.value * 2, priority=pick.randint(0, 2))
    return one


def _quiet(pick: Random) -> Quiet:
    at = [time(pick.randrange(24), pick.choice([0, 0, 30, 15])) for _ in range(2)]
    return Quiet(
        channel=pick.choice(list(CHANNELS)),
        class_=pick.choice([None, None, *CLASSES]),
        days=pick.choice(["all", "all", "weekdays", "weekends"]),
        from_=at[0],
        until=pick.choice([at[1], at[1], at[0], time(pick.choice([2, 3, 7]))]),
    )


def _holdouts(pick: Random) -> Iterable[Holdout]:
    for name in pick.sample(["all", "half", "tenth", "west"], pick.randint(0, 3)):
        share = {"all": 15, "half": 50, "tenth": 12.5, "west": pick.choice([0, 20, 40])}[name]
        for _ in range(pick.choice([1, 1, 2])):
            journey = pick.choice([None, *JOURNEYS])
            yield Holdout(name, journey, pick.choice([None, None, *CLASSES]), share, name)


def _slots(pick: Random) -> dict[tuple[str, str], timedelta]:
    scopes = [("group", "g"), ("group", "h"), ("channel", "email"), ("channel", "sms")]
    chosen = pick.sample(scopes, pick.randint(0, 3))
    return {scope: hours(pick.choice([1, 2, 4, 12, 24])) for scope in chosen}


def _cap(pick: Random, name: str) -> Cap:
    return Cap(
        name=name,
        period=pick.choice(_PERIODS),
        most=pick.choice([0, 1, 1, 1, 1, 2, 2]),
        when_full=pick.choice(["drop", "drop", "wait", "next_channel", "next_channel"]),
        channel=pick.choice([None, None, "email", "email", "email", "sms", "desk"]),
        class_=pick.choice([None, None, None, None, *CLASSES]),
        journey=pick.choice([*[None] * 8, *JOURNEYS]),
        brand=pick.choice([None, None, None, None, "main", "outlet"]),
    )


def _levers(pick: Random, named: Mapping[str, Action]) -> dict[tuple[str, str], float]:
    scopes = [("journey", "quote"), ("class", "sales"), ("conflict_group", "g")]
    scopes += [("action", name) for name in pick.sample(sorted(named), 2)]
    return {scope: pick.choice([0.5, 2.0, 4.0]) for scope in scopes if pick.random() < 0.4}


def _weight(pick: Random, named: Mapping[str, Action]) -> Weight:
    return Weight(
        guard=pick.choice(GUARDS),
        action=pick.choice([None, *named]),
        class_=pick.choice([None, None, *CLASSES]),
        weight=pick.choice([0.0, 0.5, 2.0, 8.0]),
    )


def _action_row(one: Action) -> Row:
    return {
        "action": one.name,
        "outcome": one.outcome,
        "channel": one.channel,
        "destination": one.destination,
        "class": one.class_,
        "template": one.name,
        "value": one.value,
        "ttl": duration(one.time_to_live),
        "conflict_group": one.group,
        "priority": one.priority,
        "fallback": one.fallback,
        "owner": "sales",
    }


def _cap_row(one: Cap) -> Row:
    period = one.period
    return {
        "cap": one.name,
        "channel": one.channel,
        "class": one.class_,
        "journey": one.journey,
        "brand": one.brand,
        "period": duration(period) if isinstance(period, timedelta) else f"calendar {period}",
        "most": one.most,
        "when_full": one.when_full,
    }
