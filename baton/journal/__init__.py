"""The journal: one transactional store of operational truth, open to every process."""

from baton.journal.journal import Journal
from baton.journal.records import (
    Accessor,
    Act,
    Activation,
    AddressBlock,
    Answer,
    Claimed,
    ClaimOrder,
    ContactPoint,
    Context,
    HandedMessage,
    HandOver,
    Receipt,
    Standing,
    Stated,
    Statement,
    Switch,
    Verdict,
)

__all__ = [
    "Accessor",
    "Act",
    "Activation",
    "AddressBlock",
    "Answer",
    "ClaimOrder",
    "Claimed",
    "ContactPoint",
    "Context",
    "HandOver",
    "HandedMessage",
    "Journal",
    "Receipt",
    "Standing",
    "Stated",
    "Statement",
    "Switch",
    "Verdict",
]
