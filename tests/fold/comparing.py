"""What the warehouse says and what the reference says, in one shape, and where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference.changes import Told, changes

from baton.scratch import ScratchFold

Rows = dict[str, tuple[Any, ...]]
_STEP = (
    "person_id",
    "instance_id",
    "journey",
    "correlation_key",
    "step_no",
    "transition_id",
    "from_step",
    "step",
    "kind",
    "cause",
    "reached_at",
    "action",
)
_STATE = ("person_id", "step", "since", "status", "step_no", "entered_at", "horizon_at")


@dataclass(frozen=True)
class Said:
    """Steps and states at the end of a window, and what was noted in it as gone, by id."""

    steps: Rows
    states: Rows
    changes: Rows


def said(scratch: ScratchFold, window: int) -> Said:
    """Return what the warehouse says, and what it noted in a window."""
    noted = [row for row in scratch.changes() if row["window_id"] == window + 1]
    return Said(
        steps={row["step_id"]: _part(row, _STEP) for row in scratch.steps()},
        states={row["instance_id"]: _part(row, _STATE) for row in scratch.states()},
        changes={row["instance_id"]: (row["change"], row["into_instance_id"]) for row in noted},
    )


def expected(before: Told, after: Told) -> Said:
    """Return what the reference says."""
    gone = changes(before, after)
    return Said(
        steps=steps_of(after),
        states={
            one.instance_id: (
                after.person_of[one.entry.node_id],
                one.last.step,
                one.last.reached_at,
                one.status,
                one.last.step_no,
                one.entry.occurred_at,
                one.horizon_at,
            )
            for one in after.instances
        },
        changes={instance_id: (one.change, one.into) for instance_id, one in gone.items()},
    )


def steps_of(told: Told) -> Rows:
    """Return the steps that the reference tells, by id."""
    return {
        step.step_id: (
            told.person_of[one.entry.node_id],
            one.instance_id,
            one.card.journey,
            one.key,
            step.step_no,
            step.transition_id,
            step.from_step,
            step.step,
            step.kind,
            step.cause,
            step.reached_at,
            step.action,
        )
        for one in told.instances
        for step in one.steps
    }


def differs(one: Rows, other: Rows, shown: int = 5) -> str:
    """Return what is missing, too many or not the same, in words; empty when nothing is."""
    keys = one.keys() | other.keys()
    wrong = sorted(key for key in keys if one.get(key) != other.get(key))
    lines = [f"{len(wrong)} of {len(keys)} differ"] if wrong else []
    for key in wrong[:shown]:
        lines += [key, f"    said     {one.get(key)}", f"    expected {other.get(key)}"]
    return "\n".join(lines)


def everything(scratch: ScratchFold) -> Rows:
    """Return all columns of all rows that the fold shows."""
    kinds = {
        "step": (scratch.steps(), ("step_id",)),
        "state": (scratch.states(), ("instance_id",)),
        "change": (scratch.changes(), ("instance_id", "window_id")),
    }
    return {
        f"{kind} {_part(row, key)}": tuple(sorted(row.items()))
        for kind, (rows, key) in kinds.items()
        for row in rows
    }


def _part(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)
