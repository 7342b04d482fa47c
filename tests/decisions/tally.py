"""How often things occurred in the passes that were tried, so that a green test means much."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reference.decisions.candidates import Candidate, Verdict
from reference.decisions.exposures import exposed
from reference.decisions.facts import Facts
from reference.decisions.holdouts import is_contaminated
from reference.decisions.passes import Decided
from reference.decisions.policies import Policies
from reference.decisions.walk import Result

from .playing import Moment, Played

_LEAST = "journey_per_hour_least"
REASONS = (
    "before_activation",
    "superseded",
    "card_withdrawn",
    "already_done",
    "expired",
    "input_behind",
    "switched_off",
    "suppressed",
    "no_consent",
    "no_address",
    "open_case",
    "stale_input",
    "quiet_hours",
    "holdout",
    "outranked",
    "capped",
    "all_checks_passed",
    "recalled_too_late",
    "message_ended",
)
MUST_OCCUR = (
    *REASONS,
    "capped: drop",
    "capped: wait",
    "capped: next_channel",
    "would have been: send",
    "would have been: wait",
    "would have been: nothing",
    "displaced winners",
    "displaced by a cap",
    "winners that won again",
    "displaced winners that went out again",
    "fallbacks without an address",
    "fallbacks by a cap",
    "outranked by a message",
    "outranked by a winner",
    "outranked and capped",
    "winners with two caps",
    "winners with three caps",
    "losers with two caps full",
    "winners with two slots",
    "evaluated though not touched",
    "contaminated",
    "exposed: treatment",
    "exposed: control",
    "exposed: contaminated",
    "exposed: by one of two holdouts",
    "over person_per_day",
    "over journey_per_hour_most",
    "over journey_per_hour_factor",
    "over a usual that is not the least",
    "over no limit because of a resume",
    "moved to another person",
    "quiet over a change of clocks",
)


@dataclass
class Tally:
    """Persons, passes and evaluations of some worlds."""

    counts: Counter[str] = field(default_factory=Counter[str])

    def add(self, one: Played) -> None:
        """Count what occurred in a world."""
        for moment in one.moments:
            self._add(moment)

    @property
    def missing(self) -> list[str]:
        """What never occurred."""
        return [name for name in MUST_OCCUR if not self.counts[name]]

    def __str__(self) -> str:
        named = ("persons in passes", "evaluations", *MUST_OCCUR)
        return "\n".join(f"{self.counts[name]:8,} {name}" for name in named)

    def _add(self, moment: Moment) -> None:
        self.counts.update(_of_limits(moment))
        for facts, decided, before in zip(moment.told, moment.decided, moment.before, strict=True):
            self.counts["persons in passes"] += len(set(facts.person_of.values()))
            self.counts["evaluations"] += len(decided.verdicts)
            self.counts.update(_of_people(facts, decided))
            for candidate_id, verdict in decided.verdicts.items():
                one = decided.state.candidates[candidate_id]
                self.counts.update(_of_verdict(one, verdict, facts))
                self.counts.update(_of_fallback(one, decided))
                self.counts.update(_of_past(one, before.get(candidate_id)))
            for candidate_id, result in decided.results.items():
                self.counts.update(_of_result(result, decided, facts.policies))
                if result.contestant.is_called_back and result.wins:
                    self.counts["winners that won again"] += candidate_id not in decided.verdicts


def _of_limits(moment: Moment) -> Iterator[str]:
    for one in moment.runaways:
        yield f"over {one.limit}"
        if one.limit == "journey_per_hour_factor" and one.most > moment.limits[_LEAST]:
            yield "over a usual that is not the least"
    if {one.journey for one in moment.runaways_but_for_resumes} - {
        one.journey for one in moment.runaways
    }:
        yield "over no limit because of a resume"


def _of_people(facts: Facts, decided: Decided) -> Iterator[str]:
    ledger = decided.state.ledger
    for person in set(facts.person_of.values()):
        for holdout in {one.holdout for one in ledger}:
            if is_contaminated(holdout, person, ledger, facts):
                yield "contaminated"
    for one in exposed(decided.state.exposures, ledger, facts):
        if one.first.exposed_at == facts.batch_time:
            yield f"exposed: {'contaminated' if one.is_contaminated else one.arm}"
            covering = _covering(decided.state.candidates[one.first.candidate_id], facts)
            if one.first.arm == "control" and len(covering) > 1:
                yield "exposed: by one of two holdouts"


def _covering(one: Candidate, facts: Facts) -> set[str]:
    rows = facts.policies.holdouts
    return {row.name for row in rows if row.covers(one.journey, one.action.class_)}


def _of_verdict(one: Candidate, verdict: Verdict, facts: Facts) -> Iterator[str]:
    yield verdict.reason
    person = facts.person_of[one.node_id]
    if person not in facts.touched and not facts.has_changed_switch:
        yield "evaluated though not touched"
    if verdict.counterfactual_outcome:
        yield f"would have been: {verdict.counterfactual_outcome}"
    step = facts.steps[one.step_id]
    if step.is_current and facts.person_of[step.node_id] != person:
        yield "moved to another person"
    if verdict.reason == "quiet_hours" and verdict.decide_after:
        offsets = {_offset(at, verdict.timezone) for at in (facts.batch_time, verdict.decide_after)}
        if len(offsets) > 1:
            yield "quiet over a change of clocks"


def _of_fallback(one: Candidate, decided: Decided) -> Iterator[str]:
    """Yield why a fallback came in, if it came in now."""
    if one.fallback_of is None or one.evaluation_no > 1:
        return
    for other in decided.state.candidates.values():
        if other.step_id == one.step_id and other.action.name == one.fallback_of and other.verdict:
            is_capped = other.verdict.reason == "capped"
            yield "fallbacks by a cap" if is_capped else "fallbacks without an address"


def _of_past(one: Candidate, before: Candidate | None) -> Iterator[str]:
    was_displaced = before is not None and before.has_message and not before.goes_out
    if was_displaced and one.verdict and one.verdict.reason == "all_checks_passed":
        yield "displaced winners that went out again"


def _of_result(result: Result, decided: Decided, policies: Policies) -> Iterator[str]:
    candidate = result.contestant.candidate
    verdict = decided.verdicts.get(candidate.candidate_id)
    if verdict and verdict.reason == "capped":
        yield f"capped: {result.when_full}"
    if result.contestant.is_called_back and not result.wins:
        yield "displaced winners"
        if verdict and verdict.reason == "capped":
            yield "displaced by a cap"
    if result.is_outranked:
        by_winner = result.outranked_by in decided.results
        yield f"outranked by a {'winner' if by_winner else 'message'}"
    if result.is_outranked and result.is_capped:
        yield "outranked and capped"
    if result.wins:
        yield from _of_winner(candidate, policies)
    if result.caps_full > 1:
        yield "losers with two caps full"


def _of_winner(one: Candidate, policies: Policies) -> Iterator[str]:
    caps = [
        cap
        for cap in policies.caps
        if cap.channel in (None, one.action.channel)
        and cap.class_ in (None, one.action.class_)
        and cap.journey in (None, one.journey)
        and cap.brand in (None, one.brand)
    ]
    if len(caps) > 1:
        yield f"winners with {'two' if len(caps) == 2 else 'three'} caps"
    if one.action.group and ("channel", one.action.channel) in policies.slots:
        yield "winners with two slots"


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
