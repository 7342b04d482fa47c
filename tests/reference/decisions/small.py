"""Small passes for tests: one person, a few steps that are due, everything allowed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .candidates import State, Verdict
from .facts import Facts
from .passes import Decided, decide
from .policies import Action, Policies
from .records import Card, Event, Permission, Point, Step

NOON = datetime(2026, 6, 3, 12)
LONG_AGO, END = datetime(2020, 1, 1), datetime(9999, 12, 31)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours: float) -> datetime:
    """Return so many hours after noon of a Wednesday."""
    return NOON + hours * HOUR


def action(name: str, **facts: Any) -> Action:
    """Return an action: a sales mail worth 10 that nothing conflicts with."""
    usual: dict[str, Any] = {
        "outcome": "send",
        "channel": "email",
        "destination": "mailer",
        "class_": "sales",
        "value": 10.0,
        "time_to_live": 2 * DAY,
        "group": None,
        "priority": 0,
    }
    return Action(name=name, **(usual | facts))


def step(name: str, does: str, due: float = 0, **facts: Any) -> Step:
    """Return a step of an instance of its own, of Ada in the journey `j`."""
    usual: dict[str, Any] = {
        "instance_id": f"instance of {name}",
        "journey": "j",
        "key": name,
        "card_hash": "card",
        "acts_from": LONG_AGO,
        "entered_at": at(due - 1),
        "node_id": "ada",
    }
    return Step(step_id=name, action=does, reached_at=at(due), **(usual | facts))


def points_of(*nodes: str) -> list[Point]:
    """Return an address and a phone of each node."""
    return [
        Point(f"{node} {channel}", node, channel, is_verified=True, last_observed_at=LONG_AGO)
        for node in nodes
        for channel in ("email", "sms")
    ]


def yes_of(points: Iterable[Point]) -> list[Permission]:
    """Return a yes of contact points to everything that needs one."""
    return [
        Permission(one.point_id, class_, "main", is_granted=True, stated_at=LONG_AGO)
        for one in points
        for class_ in ("marketing", "sales")
    ]


@dataclass
class Small:
    """A person called Ada, another called Bob, and what passes say of them."""

    actions: tuple[Action, ...]
    policies: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: State = field(default_factory=State)
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    events: list[Event] = field(default_factory=list[Event])
    last: Decided | None = None
    windows: int = 0

    def window(self, hours: float = 0, *steps: Step, **facts: Any) -> Mapping[str, Verdict]:
        """Decide at noon plus so many hours; return what was said, by step and action."""
        self.windows += 1
        self.steps |= {one.step_id: one for one in steps}
        self.last = decide(self.state, self.facts(hours, **facts))
        self.state = self.last.state
        return {
            f"{one.step_id} {one.action.name}": self.last.verdicts[candidate_id]
            for candidate_id, one in self.state.candidates.items()
            if candidate_id in self.last.verdicts
        }

    def facts(self, hours: float, **facts: Any) -> Facts:
        """Return what is known."""
        points = points_of("ada", "bob")
        usual: dict[str, Any] = {
            "window": self.windows,
            "batch_time": at(hours),
            "policies": Policies(
                actions={one.name: one for one in self.actions},
                internal=frozenset({"desk"}),
                **self.policies,
            ),
            "cards": {"card": Card()},
            "person_of": {"ada": "Ada", "bob": "Bob"},
            "node_seq": {"ada": 1, "bob": 2},
            "steps": self.steps,
            "touched": frozenset({"Ada", "Bob"}),
            "points": points,
            "permissions": yes_of(points),
            "events": tuple(self.events),
        }
        return Facts(**(usual | facts))

    def id_of(self, name: str) -> str:
        """Return the id of the candidate of a step."""
        return next(id_ for id_, one in self.state.candidates.items() if one.step_id == name)

    def message_of(self, name: str) -> str:
        """Return the id of the message of a step."""
        return self.state.candidates[self.id_of(name)].message_id

    def hear(self, name: str, state: str, hours: float) -> None:
        """Let the message of a step reach a state; the next window learns of it."""
        event = Event(self.message_of(name), state, at(hours), self.windows + 1)
        self.events.append(event)

    def change(self, name: str, **facts: Any) -> None:
        """Tell a step otherwise."""
        self.steps[name] = replace(self.steps[name], **facts)


def said(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[str, str]]:
    """Return outcomes and reasons."""
    return {name: (one.outcome, one.reason) for name, one in verdicts.items()}
