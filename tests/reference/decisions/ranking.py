"""Rank: rule 13."""

from dataclasses import dataclass
from math import prod

from .candidates import Candidate
from .facts import Facts


@dataclass(frozen=True)
class Rank:
    """The factors of a rank, as of now."""

    propensity: float
    context: float
    value: float
    lever: float

    @property
    def product(self) -> float:
        return self.propensity * self.context * self.value * self.lever


def rank_of(candidate: Candidate, person: str, facts: Facts) -> Rank:
    """Return how much a candidate is worth now."""
    action = facts.policies.actions[candidate.action.name]
    held = facts.guards_of(person)
    weights = facts.policies.context_weights
    levers = facts.policies.levers
    scopes = {
        "journey": candidate.journey,
        "action": action.name,
        "class": action.class_,
        "conflict_group": action.group,
    }
    return Rank(
        propensity=_propensity(action.name, person, facts),
        context=prod(one.weight for one in weights if one.covers(action) and one.guard in held),
        value=action.value,
        lever=prod(levers.get((scope, name or ""), 1.0) for scope, name in scopes.items()),
    )


def _propensity(action: str, person: str, facts: Facts) -> float:
    nodes = facts.nodes_of(person)
    valid = [
        one
        for one in facts.scores
        if one.node_id in nodes and one.action == action and one.valid_until > facts.batch_time
    ]
    latest = max(valid, key=lambda one: (one.stated_at, one.score), default=None)
    return latest.score if latest else 1.0
