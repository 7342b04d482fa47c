"""Whether sending is well: what waits, what fails, and which opt-outs tools have not been told.

The bounds stand in destinations.yml under `checks`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from baton.journal import Journal
from baton.journal.health import FAILED

Level = Literal["fine", "warn", "error"]
_MINUTE = timedelta(minutes=1)


class Bounds(BaseModel):
    """From where on something is worth a warning, and from where on it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    warn: float = Field(gt=0)
    error: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.error < self.warn:
            raise ValueError("error is below warn")
        return self

    def level(self, value: float) -> Level:
        """What a value comes to."""
        if value >= self.error:
            return "error"
        return "warn" if value >= self.warn else "fine"


class CheckSettings(BaseModel):
    """What is normal. A share of failures is judged from `at_least` ended messages on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    backlog_minutes: Bounds = Bounds(warn=15, error=60)
    failed_share: Bounds = Bounds(warn=0.05, error=0.2)
    opt_out_minutes: Bounds = Bounds(warn=15, error=60)
    within_hours: float = Field(default=24, gt=0)
    at_least: int = Field(default=20, ge=1)


@dataclass(frozen=True)
class Finding:
    """How bad it is, and the facts: counts, ages and names of destinations."""

    level: Level
    facts: dict[str, Any]


def backlog_age(journal: Journal, bounds: CheckSettings) -> Finding:
    """How long the oldest message that may go, or go again, has waited since its hand-over."""
    now, backlog = journal.now(), journal.backlog()
    waits = {
        one["destination"]: (now - one["oldest_waits_since"]) / _MINUTE
        for one in backlog
        if one["oldest_waits_since"] is not None
    }
    oldest = max(waits.values(), default=0.0)
    past = journal.waits_since(now - timedelta(hours=bounds.within_hours))
    return Finding(
        bounds.backlog_minutes.level(oldest),
        {
            "oldest_minutes": round(oldest, 2),
            "oldest_minutes_by_destination": {n: round(v, 2) for n, v in waits.items()},
            "waiting": sum(one["pending"] + one["retry"] for one in backlog),
            "held": sum(one["held"] for one in backlog),
            "dead_letters": sum(one["dead"] for one in backlog),
            "outbox_to_claim_p50_s": _at(past, 0.5),
            "outbox_to_claim_p95_s": _at(past, 0.95),
        },
    )


def failure_share(journal: Journal, bounds: CheckSettings) -> Finding:
    """The largest share, over destinations, of bounced, dead and unknown in what came to an end."""
    since = journal.now() - timedelta(hours=bounds.within_hours)
    ended = journal.ended_since(since)
    shares = {
        name: sum(states.get(state, 0) for state in FAILED) / sum(states.values())
        for name, states in ended.items()
        if sum(states.values()) >= bounds.at_least
    }
    worst = max(shares.values(), default=0.0)
    return Finding(
        bounds.failed_share.level(worst),
        {
            "failed_share": round(worst, 4),
            "failed_share_by_destination": {n: round(v, 4) for n, v in shares.items()},
            "messages_by_destination": ended,
            "within_hours": bounds.within_hours,
        },
    )


def opt_out_delay(
    journal: Journal, bounds: CheckSettings, suppressions: Collection[tuple[str, str]]
) -> Finding:
    """How long the oldest opt-out has waited for a tool to be told.

    `suppressions` are the syncs that tell tools, each with its destination. No message goes to an
    address from the moment its opt-out is recorded; this is about what tools send by themselves.
    """
    now = journal.now()
    untold = journal.untold(suppressions)
    ages = {f"{one.destination}: {one.by}": (now - one.oldest_at) / _MINUTE for one in untold}
    oldest = max(ages.values(), default=0.0)
    return Finding(
        bounds.opt_out_minutes.level(oldest),
        {
            "oldest_minutes": round(oldest, 2),
            "oldest_minutes_by_way": {way: round(age, 2) for way, age in ages.items()},
            "untold": sum(one.count for one in untold),
            "sent_before_optout": len(journal.sent_before_optout()),
        },
    )


def _at(values: Sequence[float], share: float) -> float | None:
    """The value at a share of sorted ones, null of none."""
    return round(values[min(len(values) - 1, int(len(values) * share))], 3) if values else None
