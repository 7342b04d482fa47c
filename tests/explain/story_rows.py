"""Rows as the tables have them: typical ones, changed by keyword."""

from datetime import datetime

NOON = datetime(2026, 3, 2, 12)


def at(hour, minute=0):
    """An instant of the day that all tests are about."""
    return NOON.replace(hour=hour, minute=minute)


def step(**changes):
    """A step that sent a reminder."""
    return {
        "instance_id": "i1",
        "step_id": "s1",
        "journey": "quote_stalled",
        "correlation_key": "q1",
        "step_no": 2,
        "transition_id": "t1",
        "from_step": "waiting",
        "step": "reminded",
        "kind": "step",
        "reached_at": at(11),
        "why": "not submitted in 2 hours",
        "owner": None,
        "respond_by": None,
        "action": "email_quote_reminder",
        "on_block": None,
        "decided_action": "email_quote_reminder",
        "outcome": "send",
        "reason": "all_checks_passed",
        "decided_at": at(11, 30),
        "decide_after": None,
        "message_id": "m1",
        "message_state": "accepted",
        "message_reason": None,
        "is_overdue": False,
    } | changes


def not_done(outcome, reason, **changes):
    """A step whose action was decided otherwise."""
    return step(
        outcome=outcome, reason=reason, message_id=None, message_state=None, **changes
    )  # fmt: skip


def hand_over(**changes):
    """A step that passed the customer on to the service desk."""
    of_the_desk = {
        "step": "handed_over",
        "action": "route_customer",
        "decided_action": "route_customer",
        "outcome": "route",
        "owner": "service_desk",
        "respond_by": at(11, 45),
    }
    return step(**(of_the_desk | changes))


def state(**changes):
    """An instance that stands at its second step."""
    return {
        "instance_id": "i1",
        "journey": "quote_stalled",
        "correlation_key": "q1",
        "status": "open",
        "step": "reminded",
        "step_no": 2,
        "entered_at": at(9),
        "since": at(11),
        "horizon_at": at(23),
        "next_due_at": at(23),
    } | changes


def message(**changes):
    """A message as the outbox and the journal have it."""
    return {
        "message_id": "m1",
        "instance_id": "i1",
        "step_id": "s1",
        "journey": "quote_stalled",
        "correlation_key": "q1",
        "action": "email_quote_reminder",
        "channel": "email",
        "destination": "shop_mail",
        "outcome": "send",
        "decided_at": at(11, 30),
        "message": {"state": "accepted", "reason": None},
        "attempts": [],
    } | changes


def merged(**changes):
    """An instance that went into an earlier one."""
    return {
        "instance_id": "i2",
        "journey": "quote_stalled",
        "correlation_key": "q1",
        "change": "merged_into",
        "noted_at": at(12),
        "into_instance_id": "i1",
        "into_entered_at": at(9),
    } | changes


def story(**changes):
    """The story of somebody about whom nothing else is known."""
    return {
        "asked": "ada",
        "message_id": None,
        "person_id": "ada",
        "about": None,
        "fields": [],
        "identifiers": [],
        "evidence": [],
        "identity_changes": [],
        "permissions": [],
        "suppressions": [],
        "instances": [],
        "gone": [],
        "decisions": [],
        "messages": [],
    } | changes
