"""Whom a message would reach, and whether that is allowed: checks 2 to 4."""

from datetime import timedelta

from .candidates import Candidate
from .facts import Facts
from .records import Point

_SILENCE_IS_NO = frozenset({"marketing", "sales"})
_TOO_LATE = timedelta(minutes=15)


def point_of(candidate: Candidate, person: str, facts: Facts) -> Point | None:
    """Return the best contact point: not suppressed, allowed, verified, recent.

    A message keeps the one that it was decided for.
    """

    def goodness(one: Point) -> tuple[bool, bool, bool, float]:
        return (
            not is_suppressed_point(one, facts),
            is_allowed(one, candidate, facts),
            one.is_verified,
            one.last_observed_at.timestamp(),
        )

    points = [
        one
        for one in facts.points_of(person, candidate.action.channel)
        if not (candidate.has_message and candidate.verdict and candidate.verdict.point_id)
        or one.point_id == candidate.verdict.point_id
    ]
    return max(points, key=goodness, default=None)


def is_suppressed_point(point: Point, facts: Facts) -> bool:
    """Tell whether a contact point is suppressed now."""
    return any(
        one.point_id == point.point_id and one.since <= facts.batch_time < one.until
        for one in facts.suppressions
    )


def is_suppressed_person(person: str, facts: Facts) -> bool:
    """Tell whether a person is suppressed now."""
    nodes = facts.nodes_of(person)
    return any(
        one.node_id in nodes and one.since <= facts.batch_time < one.until
        for one in facts.suppressions
    )


def is_allowed(point: Point, candidate: Candidate, facts: Facts) -> bool:
    """Tell whether a contact point may be used; a yes counts up to a quarter past the due time."""
    for one in facts.permissions:
        subject = (one.point_id, one.class_, one.brand)
        if subject == (point.point_id, candidate.action.class_, candidate.brand):
            if not one.is_granted:
                return False
            if one.stated_at <= candidate.due_at + _TOO_LATE:
                return True
    return candidate.action.class_ not in _SILENCE_IS_NO
