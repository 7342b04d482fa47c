"""Instances with their paths, put together from rows. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from baton.words import DONE

Row = dict[str, Any]


def with_messages(steps: Sequence[Row], messages: Sequence[Row]) -> list[Row]:
    """Return the steps, their messages as far as the journal says they have come."""
    known = {one["message_id"]: one for one in messages}
    return [one | state_and_reason(known.get(one["message_id"]), one) for one in steps]


def state_and_reason(message: Row | None, otherwise: Row | None = None) -> Row:
    """Return `message_state` and `message_reason` of a message; of a step's row if unknown."""
    in_journal = message and message["message"]
    if in_journal:
        return {"message_state": in_journal["state"], "message_reason": in_journal["reason"]}
    state = otherwise["message_state"] if otherwise else "not_handed_over"
    return {"message_state": state, "message_reason": None}


def instances(
    states: Sequence[Row], steps: Sequence[Row], ahead: Sequence[Row] = (), *, now: datetime
) -> list[Row]:
    """Return each instance with its `steps`, which say whether a hand-over is overdue at `now`.

    `ahead` are the moves that time may make from where it stands; `next` are those due next.
    """
    return [
        state
        | {
            "next": _next(state, ahead),
            "steps": [
                step | {"is_overdue": _is_overdue(state, step, now)}
                for step in steps
                if step["instance_id"] == state["instance_id"]
            ],
        }
        for state in states
    ]


def gone(changes: Sequence[Row], messages: Sequence[Row]) -> list[Row]:
    """Return the instances that are no more, each with the `messages` it had led to."""
    return [
        change
        | {
            "messages": [
                told(one) for one in messages if one["instance_id"] == change["instance_id"]
            ]
        }
        for change in changes
    ]


def about(message_id: str | None, messages: Sequence[Row], steps: Sequence[Row]) -> Row | None:
    """Return the message that was asked about; its `step` is null when that is no more."""
    asked = next((one for one in messages if one["message_id"] == message_id), None)
    if asked is None:
        return None
    step = next((one for one in steps if one["step_id"] == asked["step_id"]), None)
    return told(asked) | {"step": step}


def _next(state: Row, ahead: Sequence[Row]) -> list[Row]:
    own = [one for one in ahead if one["instance_id"] == state["instance_id"]]
    at_once = [one for one in own if one["is_sure"] and one["due_at"] == state["next_due_at"]]
    shown = ("step", "action", "why")
    due = at_once or [one for one in own if not one["is_sure"]]
    is_over = state["next_due_at"] in (None, state["horizon_at"])
    return [] if is_over else [{name: one[name] for name in shown} for one in due]


def _is_overdue(state: Row, step: Row, now: datetime) -> bool:
    stands_there = state["status"] == "open" and step["step_no"] == state["step_no"]
    is_due = step["respond_by"] is not None and step["respond_by"] < now
    return stands_there and is_due and step["outcome"] in DONE


def told(row: Row) -> Row:
    """Return what there is to say of a message, with how far it has come."""
    shown = ("message_id", "journey", "correlation_key", "action", "channel", "outcome")
    return {name: row[name] for name in shown} | state_and_reason(row)
