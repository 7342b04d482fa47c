"""One claim by a worker that lives no longer: what it claims stays claimed until a recovery."""

from datetime import datetime

from baton.journal import Claimed, ClaimOrder, Journal


def claim_once(
    journal: Journal,
    destination: str,
    limit: int,
    at: datetime,
    order: ClaimOrder = ClaimOrder(),  # noqa: B008  # a frozen value
) -> list[Claimed]:
    """Claim up to `limit` messages of a destination."""
    with journal.working() as worker:
        return journal.claim(destination, limit, at, worker, order)
