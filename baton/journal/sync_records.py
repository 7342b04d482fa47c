"""What goes into the journal of the syncs and comes out of it. All times are naive UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

Op = Literal["upsert", "remove"]
SEPARATOR = "\x1f"
"""Between the parts of a key that has several."""


class HeldRow(NamedTuple):
    """What is known of a row in a tool.

    `is_held` when the tool has it or may have it; then `fingerprint` is that of what it accepted,
    null when nobody knows. `refused` is the fingerprint of the last values that it refused.
    `handle` is the key's text where `row_key` only is a keyed hash of it.
    """

    row_key: str
    handle: str | None
    fingerprint: str | None
    is_held: bool
    since: datetime | None
    refused: str | None


class Told(NamedTuple):
    """The part of a change that the journal keeps: no values, a keyed fingerprint of them."""

    row_key: str
    handle: str | None
    fingerprint: str | None
    since: datetime | None


@dataclass(frozen=True)
class Judged:
    """One outcome and reason, the rows that share it, and what the tool calls those it named."""

    outcome: str
    reason: str
    rows: Sequence[Told] = field(repr=False)
    external_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SyncRequest:
    """A request about to be made."""

    request_id: str
    op: Op
    rows: Sequence[Told] = field(repr=False)


@dataclass(frozen=True)
class SyncAnswer:
    """What became of a request. Its status is the commonest reason.

    `opted_out` are channel and address of rows of which the tool says that they have said no.
    """

    request: SyncRequest
    judged: Sequence[Judged]
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    request_hash: str | None = None
    opted_out: Sequence[tuple[str, str]] = field(default=(), repr=False)

    @property
    def status(self) -> str:
        """The reason that most rows have."""
        return max(self.judged, key=lambda one: len(one.rows)).reason if self.judged else "empty"


@dataclass(frozen=True)
class SyncRun:
    """One run of a sync; `counts` by what became of rows, null while it is under way."""

    run_id: str
    sync: str
    destination: str
    state: str
    reason: str | None
    plan_hash: str
    counts: Mapping[str, int] | None
    started_at: datetime
    started_wall_at: datetime
    ended_wall_at: datetime | None


@dataclass(frozen=True)
class Approval:
    """Somebody answers for one plan that the breaker holds back."""

    sync: str
    plan_hash: str
    reason: str
    approved_by: str
    approved_at: datetime
