"""What is said of a candidate, given its checks and what became of it in the contest."""

from dataclasses import replace
from datetime import datetime

from .asking import Asked
from .candidates import Verdict
from .checking import quiet_end
from .facts import Facts
from .ranking import rank_of
from .reasons import WHEN_FULL, failures
from .walk import Result


def verdict_of(one: Asked, result: Result | None, facts: Facts) -> Verdict:
    """Return the verdict; `result` is None for one that did not take part."""
    outcome, reason = _outcome(one, result)
    zone, source = one.zone
    rank = rank_of(one.candidate, one.person, facts)
    checks = one.checks
    if result:
        checks = replace(checks, is_outranked=result.is_outranked, is_capped=result.is_capped)
    return Verdict(
        checks=checks,
        outcome=outcome,
        reason=reason,
        timezone=zone,
        timezone_source=source,
        point_id=one.point_id,
        decide_after=_decide_after(one, reason, result, facts) if outcome == "wait" else None,
        rank=rank.product,
        propensity=rank.propensity,
        context_weight=rank.context,
        lever=rank.lever,
        held_out_by=one.held_out_by,
        outranked_by=result.outranked_by if result else None,
        capped_by=result.capped_by if result else None,
        counterfactual_outcome=_counterfactual(result),
        answered_by=one.answered_by if reason == "already_done" else None,
    )


def _outcome(one: Asked, result: Result | None) -> tuple[str, str]:
    """Return outcome and reason."""
    out = one.candidate.action.outcome
    if one.is_recalled_too_late:
        return out, "recalled_too_late"
    checks, when_full = one.checks, None
    if result:
        checks = replace(checks, is_outranked=result.is_outranked, is_capped=result.is_capped)
        when_full = result.when_full
    return next(failures(checks, when_full, one.answered_by), (out, "all_checks_passed"))


def _decide_after(one: Asked, reason: str, result: Result | None, facts: Facts) -> datetime:
    latest = one.candidate.expires_at
    if reason == "quiet_hours":
        return min(quiet_end(one.candidate, one.person, facts) or latest, latest)
    if reason in ("outranked", "capped") and result and result.again_at:
        return min(result.again_at, latest)
    return latest


def _counterfactual(result: Result | None) -> str | None:
    """Return what would have become of one that is held out."""
    if result is None or not result.contestant.is_held_out:
        return None
    if result.is_outranked:
        return "wait"
    if result.is_capped:
        return WHEN_FULL[result.when_full or ""]
    return result.contestant.candidate.action.outcome
