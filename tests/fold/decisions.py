"""What becomes of the actions of steps: told to the warehouse, and as the reference knows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reference.instances import Instance, Outcome

from .words import chance

_TAKEN = frozenset({"send", "route", "escalate"})
_FAILED = frozenset({"bounced", "dead"})
_OF_MESSAGES = _FAILED | {"rejected"}
_FATES: Sequence[Sequence[Mapping[str, str]]] = (
    ({"first": "send"},),
    ({"first": "route"},),
    ({"first": "suppress"},),
    ({"first": "nothing"},),
    ({"first": "wait"}, {"first": "escalate"}),
    ({"first": "wait"}, {"first": "suppress"}),
    ({"first": "suppress", "second": "wait"}, {"first": "suppress", "second": "send"}),
    ({"first": "suppress", "second": "wait"}, {"first": "suppress", "second": "nothing"}),
    ({"first": "send"}, {"first": "bounced"}),
    ({"first": "send"}, {"first": "rejected"}, {"first": "dead"}),
    ({"first": "wait"},),
    (),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """One candidate of a step, and what was said of it last. Windows count from 0."""

    step_id: str
    name: str
    outcome: str
    at: datetime
    window: int

    @property
    def message_id(self) -> str:
        return f"{self.step_id} {self.name} message"

    @property
    def row(self) -> Row:
        """The columns of `candidates`; windows count from 1 there."""
        return {
            "step_id": self.step_id,
            "candidate_id": f"{self.step_id} {self.name}",
            "outcome": self.outcome,
            "is_decided": self.outcome != "wait",
            "message_id": self.message_id if self.outcome == "send" else None,
            "evaluated_at": self.at,
            "evaluated_window_id": self.window + 1,
        }


@dataclass(frozen=True)
class News:
    """What a window tells of actions: rows of `candidates`, and states that messages reached."""

    decided: Sequence[Row] = ()
    message_events: Sequence[Row] = ()


@dataclass
class Decisions:
    """Candidates of one world. Its steps are told window by window; chance follows their ids.

    Nothing is decided for instances that an edge began: a guard may move on to somebody else, and
    a candidate stays with whom it was decided for.
    """

    _coming: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    _last: dict[tuple[str, str], Decided] = field(default_factory=dict)
    _failed: dict[str, datetime] = field(default_factory=dict)

    def news(self, instances: Sequence[Instance], window: int, at: datetime) -> News:
        """Return what was said in a window with batch time `at`; the next one learns of it."""
        decided, failed = list[Row](), list[Row]()
        for one in (one for one in instances if not one.entry.is_edge):
            for step in (step for step in one.steps if step.action):
                fate = chance(step.step_id).choice(_FATES)
                coming = self._coming.setdefault(step.step_id, list(fate))
                for name, word in (coming.pop(0) if coming else {}).items():
                    if word in _OF_MESSAGES:
                        failed.append(self._becomes(step.step_id, name, word, at, one))
                    else:
                        decided.append(self._decide(step.step_id, name, word, at, window).row)
        return News(decided, failed)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What is known of each step."""
        by_step: dict[str, list[Decided]] = {}
        for (step_id, _), one in self._last.items():
            by_step.setdefault(step_id, []).append(one)
        return dict(self._outcomes(by_step))

    def _decide(self, step_id: str, name: str, word: str, at: datetime, window: int) -> Decided:
        known = self._last.get((step_id, name))
        if known is None or known.outcome != word:
            known = Decided(step_id, name, word, at, window)
        self._last[step_id, name] = known
        return known

    def _becomes(self, step_id: str, name: str, word: str, at: datetime, one: Instance) -> Row:
        later = at + timedelta(minutes=1)
        if word in _FAILED:
            self._failed[step_id] = later
        return {
            "message_id": self._last[step_id, name].message_id,
            "state": word,
            "node_id": one.entry.node_id,
            "occurred_at": later,
        }

    def _outcomes(self, by_step: Mapping[str, Sequence[Decided]]) -> Iterator[tuple[str, Outcome]]:
        for step_id, said in by_step.items():
            taken = [one.at for one in said if one.outcome in _TAKEN]
            done_at = min(taken, default=None)
            blocked_at = self._failed.get(step_id)
            if not taken and all(one.outcome != "wait" for one in said):
                blocked_at = max(one.at for one in said)
            yield step_id, Outcome(done_at, blocked_at)
