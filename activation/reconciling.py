"""Class X after an attempt in doubt: the tool is asked whether the message has arrived."""

from activation.exchange import ItemVerdict
from baton.journal import Claimed
from baton.journal.rules import after_ambiguous


def judge(message: Claimed, *, is_found: bool | None) -> ItemVerdict | None:
    """What follows from a look-up: a verdict, or null where the message should go again."""
    if is_found:
        return ItemVerdict(message.message_id, "accepted", "found_by_lookup")
    if is_found is None and after_ambiguous("X", message.message_class) == "unknown":
        return ItemVerdict(message.message_id, "ambiguous", "lookup_open")
    return None
