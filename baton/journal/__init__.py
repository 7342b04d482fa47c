"""The journal: one transactional store of operational truth, open to every process."""

from baton.journal.health import Untold
from baton.journal.journal import Journal
from baton.journal.plans import PlanApproval, RecordedPlan
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
    OpenJob,
    Receipt,
    Share,
    Stake,
    Standing,
    Stated,
    Statement,
    Switch,
    Verdict,
    Wanted,
)
from baton.journal.retiring import Retirable

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
    "OpenJob",
    "PlanApproval",
    "Receipt",
    "RecordedPlan",
    "Retirable",
    "Share",
    "Stake",
    "Standing",
    "Stated",
    "Statement",
    "Switch",
    "Untold",
    "Verdict",
    "Wanted",
]
