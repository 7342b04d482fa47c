"""What calls that erase a person have in common: one identifier a request, gone is done."""

from collections.abc import Sequence

from activation.destinations.json_api import of_whole
from activation.exchange import (
    Facts,
    Failure,
    HttpAnswer,
    ItemVerdict,
    Limit,
    Outgoing,
    Unsendable,
    same_for_all,
)

_GONE = (404, 410)


def facts(auth: str, limit: Limit, source: str, bucket: str | None = None) -> Facts:
    """Facts of such a call: erasing again what is erased changes nothing."""
    return Facts(auth, 1, limit, "U", source, bucket)


def told(item: Outgoing) -> tuple[str, str]:
    """The kind of identifier (email, phone, external_id, tool_id) and its value.

    Raises Unsendable when the value is gone.
    """
    kind, value = item.message.variables.get("identifier"), item.message.address
    if not value:
        raise Unsendable("no_identifier")
    return str(kind), value


def verdicts(
    response: HttpAnswer | Failure, batch: Sequence[Outgoing], *, wait: float | None = None
) -> list[ItemVerdict]:
    """Accepted by any 2xx, and where the tool knows nobody by that."""
    if isinstance(response, HttpAnswer) and response.status in _GONE:
        return same_for_all(batch, "accepted", f"http {response.status}")
    whole = of_whole(response, batch, wait=wait)
    if whole is None and isinstance(response, HttpAnswer):
        return same_for_all(batch, "accepted", f"http {response.status}")
    return whole or []
