"""Class X after an attempt in doubt: the tool is asked whether the message has arrived."""

from datetime import datetime

from activation.destinations.settings import Settings
from activation.exchange import Failure, ItemVerdict, Lookup, Outgoing
from activation.transports import Transports
from baton.journal import Claimed
from baton.journal.rules import after_ambiguous


async def look_up(
    lookup: Lookup,
    message: Claimed,
    settings: Settings,
    since: datetime,
    transports: Transports,
) -> bool | None:
    """Whether the tool has it; null when it does not say."""
    item = Outgoing(message)
    exchange = await transports.exchange(lookup.build(item, settings, since))
    if isinstance(exchange.response, Failure):
        return None
    return lookup.found(exchange.response, item)


def judge(message: Claimed, *, is_found: bool | None) -> ItemVerdict | None:
    """What follows from a look-up: a verdict, or null where the message should go again."""
    if is_found:
        return ItemVerdict(message.message_id, "accepted", "found_by_lookup")
    if is_found is None and after_ambiguous("X", message.message_class) == "unknown":
        return ItemVerdict(message.message_id, "ambiguous", "lookup_open")
    return None
