"""The checks before the contest, all of them, whichever fails first: rules 1 and 2."""

from datetime import datetime

from .candidates import Candidate, Checks
from .contact import is_allowed, is_suppressed_person, is_suppressed_point
from .facts import Facts
from .quiet import quiet_until
from .records import Point


def check(
    candidate: Candidate,
    person: str,
    point: Point | None,
    *,
    is_already_done: bool,
    is_held_out: bool,
    has_ended_message: bool,
    facts: Facts,
) -> Checks:
    """Return what every check before the contest says of a candidate."""
    action, now = candidate.action, facts.batch_time
    is_exempt = action.is_transactional
    card = facts.cards[facts.steps[candidate.step_id].card_hash]
    is_internal = action.channel in facts.policies.internal
    return Checks(
        is_before_activation=candidate.due_at < facts.steps[candidate.step_id].acts_from,
        is_superseded=_is_superseded(candidate, person, facts),
        is_withdrawn=not card.is_standing,
        is_already_done=is_already_done,
        is_expired=now >= candidate.expires_at,
        has_ended_message=has_ended_message,
        is_behind=facts.is_behind,
        is_switched_off=bool(facts.switches & _scopes(candidate, person)),
        is_suppressed=is_suppressed_person(person, facts)
        or (point is not None and is_suppressed_point(point, facts)),
        has_no_consent=point is not None and not is_allowed(point, candidate, facts),
        has_no_address=point is None and not is_internal,
        has_open_case=action.class_ in ("marketing", "sales")
        and "open_case" in facts.guards_of(person),
        is_stale=card.requires_fresh and card.has_stale_input,
        is_quiet_hours=quiet_end(candidate, person, facts) is not None,
        is_held_out=not is_exempt and is_held_out,
        is_outranked=False if is_exempt else None,
        is_capped=False if is_exempt else None,
    )


def quiet_end(candidate: Candidate, person: str, facts: Facts) -> datetime | None:
    """Return when the quiet of now ends, None if it is not quiet or does not matter."""
    if candidate.action.is_transactional:
        return None
    zone, _ = zone_of(candidate, person, facts)
    rows = facts.policies.quiet_hours
    return quiet_until(rows, candidate.action, zone, facts.batch_time, candidate.expires_at)


def zone_of(candidate: Candidate, person: str, facts: Facts) -> tuple[str, str]:
    """Return the zone that a candidate goes by, and where it is from."""
    card = facts.cards[facts.steps[candidate.step_id].card_hash]
    return facts.zone_of(person) or (card.timezone, "card")


def _is_superseded(candidate: Candidate, person: str, facts: Facts) -> bool:
    step = facts.steps[candidate.step_id]
    if not step.is_current or facts.person_of[step.node_id] != person:
        return True
    told = [one for one in facts.steps.values() if one.instance_id == candidate.instance_id]
    return any(one.is_current and one.kind != "step" for one in told)


def _scopes(candidate: Candidate, person: str) -> set[tuple[str, str | None]]:
    return {
        ("global", None),
        ("brand", candidate.brand),
        ("journey", candidate.journey),
        ("action", candidate.action.name),
        ("channel", candidate.action.channel),
        ("destination", candidate.action.destination),
        ("person", person),
    }
