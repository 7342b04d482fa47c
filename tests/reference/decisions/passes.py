"""One pass over everything that is due: rules 12 and 18, and the order of it all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .asking import Asked, Asking
from .candidates import Candidate, State, Verdict
from .exposures import expose
from .facts import Facts
from .holdouts import assign
from .ranking import rank_of
from .resources import Resources
from .saying import verdict_of
from .walk import Contestant, Result, walk


@dataclass(frozen=True)
class Decided:
    """The state after a pass; the verdicts that it added, and who took part, by candidate id."""

    state: State
    verdicts: Mapping[str, Verdict]
    results: Mapping[str, Result]


def decide(state: State, facts: Facts) -> Decided:
    """Evaluate all candidates that are new, due again, or whose person was touched."""
    ledger = (*state.ledger, *assign(state.ledger, facts))
    asking = Asking(State(state.candidates, ledger), facts)
    asked = {one.candidate.candidate_id: one for one in asking.everything()}
    results = _contests(asking, asked, facts)
    for candidate_id, result in results.items():
        one = result.contestant
        if one.is_called_back and not result.wins:
            asked[candidate_id] = asking.as_before(one.candidate)
        if result.calls_fallback and not one.is_called_back:
            for other in asking.fallbacks(one.candidate):
                if other.takes_part:
                    asked[other.candidate.candidate_id] = other
    verdicts = {
        candidate_id: verdict_of(one, results.get(candidate_id), facts)
        for candidate_id, one in asked.items()
    }
    evaluated = {
        candidate_id: _evaluated(asked[candidate_id].candidate, verdict, facts)
        for candidate_id, verdict in verdicts.items()
    }
    exposures = (*state.exposures, *expose(state.exposures, evaluated.values(), ledger, facts))
    candidates = {**state.candidates, **evaluated}
    return Decided(State(candidates, ledger, exposures), verdicts, results)


def _contests(asking: Asking, asked: Mapping[str, Asked], facts: Facts) -> dict[str, Result]:
    """Return the results of all contests, by candidate id."""
    evaluated = {one.person for one in asked.values()}
    found: dict[str, Result] = {}
    for person in sorted(evaluated | facts.touched):
        mine = [one for one in asked.values() if one.person == person and one.takes_part]
        for result in _contest(person, mine, asking, facts):
            found[result.contestant.candidate.candidate_id] = result
    return found


def _contest(person: str, fresh: list[Asked], asking: Asking, facts: Facts) -> list[Result]:
    earlier = [asking.as_before(one) for one in _recallable(person, asking, facts)]
    contestants = [_contestant(one, asking, facts) for one in fresh]
    contestants += [
        replace(_contestant(one, asking, facts), is_called_back=True, fallback=None)
        for one in earlier
    ]
    taking_part = {one.candidate.candidate_id for one in contestants}
    counted = [
        message
        for candidate_id, message in asking.messages.items()
        if candidate_id not in taking_part and facts.person_of[message.candidate.node_id] == person
    ]
    zone = facts.zone_of(person)
    room = Resources(facts.policies, zone[0] if zone else "UTC", facts.batch_time, counted)
    return walk(contestants, room)


def _recallable(person: str, asking: Asking, facts: Facts) -> list[Candidate]:
    """Return earlier winners whose messages may still be called back."""
    return [
        message.candidate
        for message in asking.messages.values()
        if message.may_be_called_back(facts.batch_time)
        and not message.candidate.action.is_transactional
        and facts.person_of[message.candidate.node_id] == person
    ]


def _contestant(one: Asked, asking: Asking, facts: Facts) -> Contestant:
    fallbacks = (other for other in asking.fallbacks(one.candidate) if other.takes_part)
    fallback = next(fallbacks, None)
    return Contestant(
        candidate=one.candidate,
        rank=rank_of(one.candidate, one.person, facts),
        is_held_out=one.held_out_by is not None,
        fallback=_contestant(fallback, asking, facts) if fallback else None,
    )


def _evaluated(candidate: Candidate, verdict: Verdict, facts: Facts) -> Candidate:
    after = replace(
        candidate,
        verdict=verdict,
        evaluation_no=candidate.evaluation_no + 1,
        evaluated_at=facts.batch_time,
        window=facts.window,
    )
    if after.goes_out and not candidate.has_message:
        return replace(after, message_decided_at=facts.batch_time)
    return after
