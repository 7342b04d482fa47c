"""Rows as the tables have them: typical ones, changed by keyword."""

from datetime import datetime

from baton.explain.decided import CHECKS

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
        "next": [],
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
        "message": {
            "state": "accepted",
            "reason": None,
            "changed_at": at(11, 40),
            "expires_at": at(23),
        },
        "events": [
            {"state": "pending", "reason": None, "occurred_at": at(11, 30)},
            {"state": "accepted", "reason": None, "occurred_at": at(11, 40)},
        ],
        "attempts": [],
    } | changes


def decision(*, failed=(), unmade=(), **changes):
    """A decision to send, with the checks that failed and those that were not made."""
    checks = {label: label in failed for label in CHECKS.values()}
    return {
        "evaluation_id": "e1",
        "candidate_id": "c1",
        "decided_at": at(11, 30),
        "journey": "quote_stalled",
        "correlation_key": "q1",
        "action": "email_quote_reminder",
        "fallback_of": None,
        "channel": "email",
        "class": "sales",
        "brand": "main",
        "outcome": "send",
        "reason": "all_checks_passed",
        "evaluation_no": 1,
        "message_id": None,
        "answered_by_message_id": None,
        "decide_after": None,
        "expires_at": at(23),
        "consent_at": at(8),
        "held_out_by": None,
        "outranked_by": None,
        "outranker": None,
        "capped_by": None,
        "cap": None,
        "counterfactual_outcome": None,
        "propensity": None,
        "context_weight": None,
        "lever": None,
        "value": None,
        "rank": None,
        "timezone": "America/Chicago",
        "timezone_source": "crm",
        "release_id": "0d245b467b551f",
        "card_hash": "card",
        "checks": checks | dict.fromkeys(unmade),
    } | changes


def contested(**changes):
    """A decision about which a contest took place."""
    factors = {"propensity": 0.5, "context_weight": 2, "value": 10, "lever": 1.5, "rank": 15}
    return decision(**(factors | changes))


def quiet(**changes):
    """A decision that waits for the end of the night."""
    waits = {"outcome": "wait", "reason": "quiet_hours", "decide_after": at(13)}
    return decision(failed=["7 quiet hours"], **(waits | changes))


def outranked(**changes):
    """A decision that waits because another message has the slot."""
    rival = {
        "candidate_id": "c2",
        "message_id": "m2",
        "action": "email_comparison",
        "journey": "comparison_dropout",
        "correlation_key": "q2",
        "rank": 20,
    }
    waits = {"outcome": "wait", "reason": "outranked", "decide_after": at(16)}
    by = {"outranked_by": "m2", "outranker": rival}
    return contested(failed=["9 outranked"], **(waits | by | changes))


def capped(when_full="wait", **changes):
    """A decision that met a full cap."""
    cap = {
        "cap": "email_weekly",
        "channel": "email",
        "class": "marketing",
        "period": "7 days",
        "most": "3",
        "when_full": when_full,
    }
    is_wait = when_full == "wait"
    became = {
        "outcome": "wait" if is_wait else "nothing",
        "reason": "capped",
        "decide_after": at(18) if is_wait else None,
    }
    by = {"capped_by": "email_weekly", "cap": cap}
    return contested(failed=["10 capped"], **(became | by | changes))


def held_out(**changes):
    """A decision about somebody in a control group."""
    by = {"held_out_by": "win_back", "counterfactual_outcome": "send"}
    became = {"outcome": "nothing", "reason": "holdout"}
    return contested(failed=["8 holdout"], **(became | by | changes))


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


NEVER_SAID = dict.fromkeys(("statement_id", "stated_at", "level", "origin", "proof"))


def permission(**changes):
    """A yes to sales on a preference page."""
    return {
        "channel": "email",
        "address": "ada@example.org",
        "purpose": "sales",
        "brand": "main",
        "is_granted": True,
        "stated_at": at(9),
        "level": "address",
        "statement_id": "st1",
        "origin": "preference_page",
        "proof": "click",
        "basis": "consent",
        "reason": None,
    } | changes


def story(**changes):
    """The story of somebody about whom nothing else is known."""
    return {
        "asked": "ada",
        "told_at": NOON,
        "message_id": None,
        "person_id": "ada",
        "about": None,
        "fields": [],
        "identifiers": [],
        "evidence": [],
        "identity_changes": [],
        "permissions": [],
        "suppressions": [],
        "heard": [],
        "experiments": [],
        "instances": [],
        "gone": [],
        "decisions": [],
        "messages": [],
    } | changes
