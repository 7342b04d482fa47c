"""The breaker: what a plan may not do before somebody has answered for it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from activation.syncs.declared import Breaker, SyncPurpose

FEW = 10


@dataclass(frozen=True)
class Size:
    """How much a plan would take away, of what.

    Removals that a no in the journal asks for are not counted: nobody needs to approve them.
    """

    offered: int
    held: int
    matched: int
    removals: int
    new: int


def reasons(
    size: Size, rules: Breaker, purpose: SyncPurpose, *, as_of: datetime | None, now: datetime
) -> tuple[str, ...]:
    """Why a plan is held back, none when it may go.

    source_stale: the last batch is older than it may be; source_empty: nothing is offered and
    something is held; key_reformatted: none of what is held is offered, new rows are;
    mass_removal: over the number or, from `FEW` rows on, the share; resubscription: suppressions
    are never taken back unasked.
    """
    found: list[str] = []
    if as_of is None or (now - as_of).total_seconds() > rules.fresh_seconds:
        found.append("source_stale")
    if size.removals and purpose == "suppressions":
        found.append("resubscription")
    if size.removals and not size.offered:
        found.append("source_empty")
    elif size.held >= FEW and not size.matched and size.new:
        found.append("key_reformatted")
    elif _is_mass(size, rules):
        found.append("mass_removal")
    return tuple(found)


def _is_mass(size: Size, rules: Breaker) -> bool:
    over_share = size.removals >= FEW and size.removals > rules.max_share * size.held
    return size.removals > rules.max_removals or over_share
