"""Holdouts: rules 8 to 11."""

from collections.abc import Iterable, Sequence

from baton.ids import make_id

from .facts import Facts
from .policies import Action, Holdout
from .records import Assignment


def bucket(holdout: Holdout, node_id: str) -> int:
    """Return where a node stands in a holdout, from 0 to 9,999."""
    return int(make_id("holdout", holdout.salt, node_id)[:8], 16) % 10_000


def arm(holdout: Holdout, number: int) -> str:
    """Return the arm of a bucket."""
    return "control" if number < holdout.share * 100 else "treatment"


def assign(ledger: Sequence[Assignment], facts: Facts) -> list[Assignment]:
    """Return the assignments that this batch adds."""
    found: list[Assignment] = []
    for person in sorted(facts.touched):
        nodes = facts.nodes_of(person)
        journeys = _journeys_of(nodes, facts)
        for holdout in _named_once(facts.policies.holdouts):
            rows = [row for row in facts.policies.holdouts if row.name == holdout.name]
            is_covered = any(row.covers_journey(one) for row in rows for one in journeys)
            known = any(one.holdout == holdout.name and one.node_id in nodes for one in ledger)
            if is_covered and not known:
                found.append(_assignment(holdout, nodes[0], facts))
    return found


def assignment_of(
    holdout: str, person: str, ledger: Iterable[Assignment], facts: Facts
) -> Assignment | None:
    """Return the assignment that holds for a person."""
    mine = _of_person(holdout, person, ledger, facts)
    return min(mine, key=lambda one: (one.assigned_at, one.assignment_id), default=None)


def is_contaminated(holdout: str, person: str, ledger: Iterable[Assignment], facts: Facts) -> bool:
    """Tell whether nodes of both arms have become one person."""
    return len({one.arm for one in _of_person(holdout, person, ledger, facts)}) > 1


def held_out_by(
    action: Action, journey: str, person: str, ledger: Sequence[Assignment], facts: Facts
) -> str | None:
    """Return the first holdout by name that has the person in its control group."""
    if action.is_transactional:
        return None
    covering = {row.name for row in facts.policies.holdouts if row.covers(journey, action.class_)}
    for name in sorted(covering):
        mine = assignment_of(name, person, ledger, facts)
        if mine and mine.arm == "control":
            return name
    return None


def _journeys_of(nodes: Sequence[str], facts: Facts) -> set[str]:
    """Return the journeys in which a person has a step with an action."""
    steps = facts.steps.values()
    return {one.journey for one in steps if one.is_current and one.action and one.node_id in nodes}


def _named_once(rows: Iterable[Holdout]) -> list[Holdout]:
    return list({row.name: row for row in rows}.values())


def _assignment(holdout: Holdout, node_id: str, facts: Facts) -> Assignment:
    number = bucket(holdout, node_id)
    return Assignment(
        assignment_id=make_id("holdout_assignment", holdout.name, node_id),
        holdout=holdout.name,
        node_id=node_id,
        arm=arm(holdout, number),
        bucket=number,
        assigned_at=facts.batch_time,
        window=facts.window,
    )


def _of_person(
    holdout: str, person: str, ledger: Iterable[Assignment], facts: Facts
) -> list[Assignment]:
    named = (one for one in ledger if one.holdout == holdout)
    return [one for one in named if facts.person_of[one.node_id] == person]
