"""From checks to an outcome and its reason: the table of rule 1."""

from collections.abc import Iterator

from .candidates import Checks

# The outcomes of a cap that is full.
WHEN_FULL = {"drop": "nothing", "wait": "wait", "next_channel": "nothing"}


def failures(
    checks: Checks, when_full: str | None, answered_by: str | None
) -> Iterator[tuple[str, str]]:
    """Yield outcome and reason of every check that fails, in their order."""
    early = not checks.is_expired
    table = (
        (checks.is_before_activation, "nothing", "before_activation"),
        (checks.is_superseded, "nothing", "superseded"),
        (checks.is_withdrawn and early, "wait", "card_withdrawn"),
        (checks.is_already_done, "nothing" if answered_by else "wait", "already_done"),
        (checks.is_expired, "nothing", "expired"),
        (checks.has_ended_message, "nothing", "message_ended"),
        (checks.is_behind, "wait", "input_behind"),
        (checks.is_switched_off, "wait", "switched_off"),
        (checks.is_suppressed, "suppress", "suppressed"),
        (checks.has_no_consent, "suppress", "no_consent"),
        (checks.has_no_address, "nothing", "no_address"),
        (checks.has_open_case, "wait", "open_case"),
        (checks.is_stale, "wait", "stale_input"),
        (checks.is_quiet_hours, "wait", "quiet_hours"),
        (checks.is_held_out, "nothing", "holdout"),
        (checks.is_outranked, "wait", "outranked"),
        (checks.is_capped, WHEN_FULL.get(when_full or "", "nothing"), "capped"),
    )
    return ((outcome, reason) for fails, outcome, reason in table if fails)


CONTEST_REASONS = frozenset({"holdout", "outranked", "capped"})


def takes_part(checks: Checks) -> bool:
    """Tell whether a candidate fails none of the checks before the holdouts."""
    first = next(failures(checks, None, None), None)
    return first is None or first[1] in CONTEST_REASONS
