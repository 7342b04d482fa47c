"""What the warehouse says and what the reference says, in one shape, and where they differ."""

from collections.abc import Iterable, Mapping
from typing import Any

from reference.decisions.candidates import Candidate
from reference.decisions.exposures import exposed
from reference.decisions.facts import Facts
from reference.decisions.holdouts import assignment_of, is_contaminated
from reference.decisions.limits import Runaway
from reference.decisions.passes import Decided
from reference.decisions.records import Assignment, Exposure
from reference.decisions.walk import Result

Row = dict[str, Any]
Rows = dict[str, Row]
RANKS = ("rank", "propensity", "context_weight", "lever")
_CHECKS = (
    "is_before_activation",
    "is_superseded",
    "is_already_done",
    "is_expired",
    "is_switched_off",
    "is_suppressed",
    "has_no_consent",
    "has_no_address",
    "has_open_case",
    "is_input_stale_or_behind",
    "is_quiet_hours",
    "is_held_out",
    "is_outranked",
    "is_capped",
)
_VERDICT = (
    "outcome",
    "reason",
    "decide_after",
    "held_out_by",
    "outranked_by",
    "capped_by",
    "counterfactual_outcome",
    "timezone",
    "timezone_source",
)
_EXPOSURE = (
    "exposed_at",
    "outcome",
    "journey",
    "action",
    "candidate_id",
    "evaluation_id",
    "message_id",
)


def expected_candidates(known: Iterable[Candidate]) -> Rows:
    """Return all candidates as the reference has them, by id."""
    return {one.candidate_id: _candidate(one) for one in known if one.verdict}


def _candidate(one: Candidate) -> Row:
    verdict = one.verdict
    assert verdict
    return {
        "step_id": one.step_id,
        "action": one.action.name,
        "fallback_of": one.fallback_of,
        "evaluation_no": one.evaluation_no,
        "evaluated_window_id": one.window,
        "evaluated_at": one.evaluated_at,
        "expires_at": one.expires_at,
        "is_decided": verdict.outcome != "wait",
        "message_id": one.message_id if one.has_message else None,
        "message_decided_at": one.message_decided_at,
        "contact_point_id": verdict.point_id,
        "answered_by_message_id": verdict.answered_by,
        **{name: getattr(verdict.checks, name) for name in _CHECKS},
        **{name: getattr(verdict, name) for name in _VERDICT},
    }


def expected_ranks(decided: Decided) -> Rows:
    """Return the ranks of those who took part and were evaluated, by candidate id."""
    return {
        candidate_id: _ranks(one)
        for candidate_id, one in decided.results.items()
        if candidate_id in decided.verdicts
    }


def _ranks(one: Result) -> Row:
    rank = one.contestant.rank
    values = rank.product, rank.propensity, rank.context, rank.lever
    return dict(zip(RANKS, values, strict=True))


def expected_ledger(ledger: Iterable[Assignment]) -> Rows:
    """Return the ledger of holdouts, by id."""
    return {
        one.assignment_id: {
            "holdout": one.holdout,
            "node_id": one.node_id,
            "arm": one.arm,
            "bucket": one.bucket,
            "assigned_at": one.assigned_at,
            "window_id": one.window,
        }
        for one in ledger
    }


def expected_members(ledger: tuple[Assignment, ...], facts: Facts) -> Rows:
    """Return who is in which arm, by holdout and person."""
    found: Rows = {}
    for person in set(facts.person_of.values()):
        for holdout in {one.holdout for one in ledger}:
            mine = assignment_of(holdout, person, ledger, facts)
            if mine:
                found[f"{holdout} {person}"] = {
                    "arm": mine.arm,
                    "assigned_at": mine.assigned_at,
                    "is_contaminated": is_contaminated(holdout, person, ledger, facts),
                }
    return found


def expected_exposures(
    known: tuple[Exposure, ...], ledger: tuple[Assignment, ...], facts: Facts
) -> Rows:
    """Return who was acted on, or would have been, by holdout and person."""
    return {
        f"{one.first.holdout} {facts.person_of[one.first.node_id]}": {
            "arm": one.arm,
            "is_contaminated": one.is_contaminated,
            "is_counterfactual": one.first.arm == "control",
            **{name: getattr(one.first, name) for name in _EXPOSURE},
        }
        for one in exposed(known, ledger, facts)
    }


def expected_runaways(found: Iterable[Runaway]) -> Rows:
    """Return the journeys over a limit, by journey and limit."""
    return {f"{one.journey} {one.limit}": {"number": one.number, "most": one.most} for one in found}


def expected_evaluations(decided: Decided) -> Rows:
    """Return the rows that a pass adds to the ledger of decisions, by id."""
    return {
        decided.state.candidates[candidate_id].evaluation_id: {
            "candidate_id": candidate_id,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "decide_after": verdict.decide_after,
        }
        for candidate_id, verdict in decided.verdicts.items()
    }


def differences(said: Mapping[str, Row], expected: Rows) -> dict[str, str]:
    """Return what differs, in words, by key; only expected columns are looked at."""
    found: dict[str, str] = {}
    for key in said.keys() | expected.keys():
        if key not in said or key not in expected:
            found[key] = f"only {'said' if key in said else 'expected'}: {said.get(key)}"
            found[key] += f" {expected.get(key)}"
            continue
        one, other = said[key], expected[key]
        columns = [name for name in other if one.get(name) != other[name]]
        if columns:
            words = (f"{name}: said {one.get(name)}, not {other[name]}" for name in columns)
            found[key] = "; ".join(words)
    return found
