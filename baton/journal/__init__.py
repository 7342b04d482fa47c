"""The journal: one transactional store of operational truth, open to every process."""

from baton.journal.journal import Journal
from baton.journal.records import (
    Activation,
    AddressBlock,
    Answer,
    Claimed,
    ClaimOrder,
    HandedMessage,
    HandOver,
    Receipt,
    Switch,
    Verdict,
)

__all__ = [
    "Activation",
    "AddressBlock",
    "Answer",
    "ClaimOrder",
    "Claimed",
    "HandOver",
    "HandedMessage",
    "Journal",
    "Receipt",
    "Switch",
    "Verdict",
]
