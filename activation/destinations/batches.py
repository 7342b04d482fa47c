"""What a request can carry of a batch, and what has to wait for the next one."""

from collections.abc import Sequence

from activation.exchange import Change, ItemVerdict, Unsendable, same_for_all

_WAITS = "waits_for_its_own_request"

Carried = tuple[list[Change], list[ItemVerdict]]
"""What a request carries of a batch, in order, and the verdicts on the others."""


def carried(now: Carried) -> list[Change]:
    """What a request carries. Raises Unsendable when that is nothing."""
    sent, others = now
    if not sent:
        raise Unsendable(others[0].reason)
    return sent


def wait(changes: Sequence[Change]) -> list[ItemVerdict]:
    """Verdicts on changes that are not in a request, because others in it exclude them."""
    return same_for_all(changes, "not_sent", _WAITS)


def distinct(changes: Sequence[Change], field: str) -> Carried:
    """The first change of each value, whatever its case, and verdicts on those that wait.

    For tools that refuse a request that names somebody twice.
    """
    seen: set[str] = set()
    first: list[Change] = []
    again: list[Change] = []
    for change in changes:
        value = str(change.fields[field]).lower()
        (again if value in seen else first).append(change)
        seen.add(value)
    return first, wait(again)
