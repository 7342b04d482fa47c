"""Exposures: rule 22."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from baton.ids import make_id

from .candidates import GOES_OUT, Candidate, Verdict
from .facts import Facts
from .holdouts import assignment_of, is_contaminated
from .records import Assignment, Exposure

Ledger = tuple[Assignment, ...]


@dataclass(frozen=True)
class Exposed:
    """A person in a holdout: the exposure that counts, and the arm that holds."""

    first: Exposure
    arm: str
    is_contaminated: bool


def expose(
    known: Iterable[Exposure], evaluated: Iterable[Candidate], ledger: Ledger, facts: Facts
) -> list[Exposure]:
    """Return the exposures that a pass adds, given the candidates that it evaluated."""
    before = {one.exposure_id for one in known}
    new: dict[str, Exposure] = {}
    every = [one for candidate in evaluated for one in _of(candidate, ledger, facts)]
    for one in sorted(every, key=lambda one: (one.order, one.candidate_id)):
        if one.exposure_id not in before:
            new.setdefault(one.exposure_id, one)
    return list(new.values())


def exposed(known: Iterable[Exposure], ledger: Ledger, facts: Facts) -> Iterator[Exposed]:
    """Yield who is exposed in which holdout, as people are now."""
    groups: dict[tuple[str, str], list[Exposure]] = {}
    for one in known:
        groups.setdefault((one.holdout, facts.person_of[one.node_id]), []).append(one)
    for (holdout, person), mine in groups.items():
        first = min(mine, key=lambda one: (one.order, one.exposure_id))
        holds = assignment_of(holdout, person, ledger, facts)
        yield Exposed(
            first=first,
            arm=holds.arm if holds else first.arm,
            is_contaminated=holds is None
            or is_contaminated(holdout, person, ledger, facts)
            or {one.arm for one in mine} != {holds.arm},
        )


def _of(candidate: Candidate, ledger: Ledger, facts: Facts) -> Iterator[Exposure]:
    verdict = candidate.verdict
    assert verdict
    if candidate.action.is_transactional:
        return
    arms = _arms(candidate, ledger, facts)
    controls = [name for name, arm in arms.items() if arm == "control"]
    if controls:
        exposing = controls if len(controls) == 1 and _would_go_out(verdict) else []
    else:
        exposing = list(arms) if verdict.outcome in GOES_OUT else []
    for name in exposing:
        yield _exposure(name, arms[name], candidate, verdict, facts)


def _would_go_out(verdict: Verdict) -> bool:
    return verdict.reason == "holdout" and verdict.counterfactual_outcome in GOES_OUT


def _exposure(
    holdout: str, arm: str, candidate: Candidate, verdict: Verdict, facts: Facts
) -> Exposure:
    is_held_back, took_part = arm == "control", verdict.checks.is_outranked is not None
    outcome = verdict.counterfactual_outcome if is_held_back else verdict.outcome
    return Exposure(
        exposure_id=make_id("exposure", holdout, candidate.node_id, arm),
        holdout=holdout,
        node_id=candidate.node_id,
        arm=arm,
        candidate_id=candidate.candidate_id,
        evaluation_id=candidate.evaluation_id,
        message_id=None if is_held_back else candidate.message_id,
        journey=candidate.journey,
        action=candidate.action.name,
        outcome=outcome or "",
        rank=verdict.rank if took_part else None,
        exposed_at=facts.batch_time,
    )


def _arms(candidate: Candidate, ledger: Ledger, facts: Facts) -> dict[str, str]:
    """Return the arms of the person in the holdouts that cover a candidate."""
    person = facts.person_of[candidate.node_id]
    rows = facts.policies.holdouts
    covering = {row.name for row in rows if row.covers(candidate.journey, candidate.action.class_)}
    held = {name: assignment_of(name, person, ledger, facts) for name in covering}
    return {name: one.arm for name, one in held.items() if one}
