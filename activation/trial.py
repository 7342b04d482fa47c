"""A trial: one message to an address of one's own, past the journal and its rules."""

from collections.abc import Mapping
from uuid import uuid4

from activation.config import Destination
from activation.direct import Own, send_directly
from activation.exchange import ItemVerdict
from activation.wording import Wording

_MARK = "[trial] "
_MARKED = ("subject", "title")


def send_trial(
    destination: Destination, wording: Wording, parts: Mapping[str, str], *, brand: str, to: str
) -> ItemVerdict:
    """Send the parts to `to` under an id of its own; nothing is recorded, no customer is told.

    The subject says that it is a trial. Raises UsageError when the destination takes no messages,
    Unsendable when it cannot carry this one.
    """
    own = Own(
        message_id=f"trial-{uuid4().hex}",
        action=wording.action,
        channel=wording.channel,
        parts=_marked(parts),
        brand=brand,
        template=wording.template,
        to=to,
    )
    return send_directly(destination, own)


def _marked(parts: Mapping[str, str]) -> dict[str, str]:
    marked = {name: f"{_MARK}{parts[name]}" for name in _MARKED if name in parts}
    return {**parts, **marked}
