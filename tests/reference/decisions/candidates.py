"""Candidates, what was said of them last, and all that passes leave behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from baton.ids import make_id

from .policies import Action
from .records import Assignment, Exposure, Step

GOES_OUT = frozenset({"send", "route", "escalate"})


@dataclass(frozen=True)
class Checks:
    """A column per check; None is not evaluated.

    `is_withdrawn` and `has_ended_message` have no columns of their own.
    """

    is_before_activation: bool
    is_superseded: bool
    is_withdrawn: bool
    is_already_done: bool
    is_expired: bool
    has_ended_message: bool
    is_behind: bool
    is_switched_off: bool
    is_suppressed: bool
    has_no_consent: bool
    has_no_address: bool
    has_open_case: bool
    is_stale: bool
    is_quiet_hours: bool
    is_held_out: bool
    is_outranked: bool | None = None
    is_capped: bool | None = None

    @property
    def is_input_stale_or_behind(self) -> bool:
        return self.is_stale or self.is_behind


@dataclass(frozen=True)
class Verdict:
    """One evaluation of a candidate."""

    checks: Checks
    outcome: str
    reason: str
    timezone: str
    timezone_source: str
    point_id: str | None = None
    decide_after: datetime | None = None
    rank: float | None = None
    propensity: float | None = None
    context_weight: float | None = None
    lever: float | None = None
    held_out_by: str | None = None
    outranked_by: str | None = None
    capped_by: str | None = None
    counterfactual_outcome: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A step's action or its fallback; `verdict` is the latest one."""

    step_id: str
    instance_id: str
    journey: str
    key: str | None
    node_id: str
    action: Action
    brand: str
    due_at: datetime
    fallback_of: str | None = None
    verdict: Verdict | None = None
    evaluation_no: int = 0
    evaluated_at: datetime | None = None
    window: int = 0
    message_decided_at: datetime | None = None

    @property
    def has_message(self) -> bool:
        return self.message_decided_at is not None

    @property
    def candidate_id(self) -> str:
        return make_id("candidate", self.step_id, self.action.name)

    @property
    def message_id(self) -> str:
        return make_id("message", self.candidate_id, self.action.channel)

    @property
    def evaluation_id(self) -> str:
        return make_id("evaluation", self.candidate_id, self.evaluation_no)

    @property
    def expires_at(self) -> datetime:
        return self.due_at + self.action.time_to_live

    @property
    def waits(self) -> bool:
        return self.verdict is not None and self.verdict.outcome == "wait"

    @property
    def goes_out(self) -> bool:
        return self.verdict is not None and self.verdict.outcome in GOES_OUT


@dataclass(frozen=True)
class State:
    """What passes leave behind: candidates by id, and the ledgers of holdouts and exposures."""

    candidates: Mapping[str, Candidate] = field(default_factory=dict)
    ledger: tuple[Assignment, ...] = ()
    exposures: tuple[Exposure, ...] = ()


def candidate_of(step: Step, action: Action, brand: str, fallback_of: str | None) -> Candidate:
    """Return the candidate of a step's action, not evaluated yet."""
    return Candidate(
        step_id=step.step_id,
        instance_id=step.instance_id,
        journey=step.journey,
        key=step.key,
        node_id=step.node_id,
        action=action,
        brand=brand,
        due_at=step.reached_at,
        fallback_of=fallback_of,
    )
