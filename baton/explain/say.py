"""Steps, instances and messages in plain words. Pure."""

from typing import Any

from baton.words import DONE, REACHED, message_state, reason

Row = dict[str, Any]
FALLBACK = "fallback"
_ARMS = {
    "control": "control, nothing it covers goes out",
    "treatment": "treatment, treated like everybody",
}
_BASES = {
    "consent": "consent",
    "soft_opt_in": "soft opt-in, for who has bought",
    "legitimate_interest": "legitimate interest",
    "contract": "contract",
}
_NOT_ALLOWED = {
    "stated_no": "they said no",
    "unknown": "nothing was said",
    "expired": "their yes has expired",
    "unconfirmed": "their yes was never confirmed",
}


def basis(permission: Row) -> str:
    """Return what a permission rests on, or would have to."""
    named: str = permission["basis"]
    return _BASES.get(named, named)


def why_not(permission: Row) -> str | None:
    """Return why a permission is not granted; None where it is."""
    named: str | None = permission["reason"]
    return _NOT_ALLOWED.get(named, named) if named else None


def name_of(row: Row) -> str:
    """Return the journey and its key, if it has one."""
    key = row["correlation_key"]
    return f"{row['journey']} {key}" if key else row["journey"]


def standing(instance: Row) -> str:
    """Return where an instance stands, or how it ended."""
    step, since = instance["step"], instance["since"]
    if instance["status"] == "open":
        return f"under way, at {step} since {since}"
    if instance["status"] == "goal":
        return f"reached its goal, {step}, at {since}"
    if instance["status"] == "exit":
        return f"left at {since}: {step}"
    return f"{instance['status']} at {since}"


def ahead(instance: Row) -> str | None:
    """Return what time alone will do to an instance; None when it has ended."""
    due = instance["next_due_at"]
    if due is None:
        return None
    if due == instance["horizon_at"]:
        return f"expires at {due} unless something happens"
    moves = " or ".join(_move(one) for one in instance["next"])
    return f"next by time alone: {due}{f', to {moves}' if moves else ''}"


def arrival(step: Row) -> str:
    """Return why a step was reached."""
    if step["transition_id"] == "moved":
        return f"goes on with another card: {step['why']}"
    return step["why"]


def done(step: Row) -> str | None:
    """Return what became of the step's action, and why; None where it has none."""
    if step["action"] is None:
        return None
    return f"{_action(step)}: {_outcome(step)}{_hand_over(step)}{_held_up(step)}"


def message(row: Row) -> str:
    """Return a message's action, its channel, and how far it has come."""
    return f"{row['action']} by {row['channel']}: {_state(row)}"


def arm(experiment: Row) -> str:
    """Return in which arm of a holdout a person is, and whether that can be compared."""
    said = f"{_ARMS[experiment['arm']]} since {experiment['assigned_at']}"
    mixed = "; a merge brought both arms together, left out of comparisons"
    return f"{said}{mixed if experiment['is_contaminated'] else ''}"


def no_more(gone: Row) -> str:
    """Return what became of an instance that is no more."""
    if gone["change"] != "merged_into":
        return f"no more since {gone['noted_at']}: what came in later tells it otherwise"
    entered = gone["into_entered_at"]
    into = f"the one entered at {entered}" if entered else "one that is no more either"
    return f"no more since {gone['noted_at']}: merged into {into} ({gone['into_instance_id']})"


def _move(move: Row) -> str:
    action = f", {move['action']}" if move["action"] else ""
    return f"{move['step']} ({move['why']}{action})"


def _action(step: Row) -> str:
    decided = step["decided_action"]
    is_other = decided is not None and decided != step["action"]
    return f"{decided} as the fallback" if is_other else step["action"]


def _outcome(step: Row) -> str:
    if step["outcome"] is None:
        is_missing = step["action"] == FALLBACK
        return "the message that failed has none" if is_missing else "not decided yet"
    if step["outcome"] in DONE:
        return _state(step)
    if step["outcome"] == "wait":
        return f"waits, {reason(step['reason'])}; looked at again by {step['decide_after']}"
    return f"not {'handed over' if step['owner'] else 'sent'}, {reason(step['reason'])}"


def _state(row: Row) -> str:
    said, why = message_state(row["message_state"], row["outcome"]), row["message_reason"]
    return f"{said} ({reason(why)})" if why and row["message_state"] not in REACHED else said


def _hand_over(step: Row) -> str:
    if not step["owner"] or step["outcome"] in {"nothing", "suppress"}:
        return ""
    word = "overdue since" if step.get("is_overdue") else "to be answered by"
    return f"; for {step['owner']}, {word} {step['respond_by']}"


def _held_up(step: Row) -> str:
    if step["on_block"] != "wait" or step["outcome"] in DONE:
        return ""
    return "; no wait of this step runs until it is done"
