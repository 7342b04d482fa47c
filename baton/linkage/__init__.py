"""Likeness: which records may be of one person though they share no identifier.

Splink scores pairs of records, average linkage makes clusters of them, and what lies in one cluster
is proposed to identity, whose rules and limits decide.
"""

from baton.linkage.kinds import KINDS, Kind, kinds_of
from baton.linkage.likeness import Likeness, find_alike, require_splink
from baton.linkage.proposing import MAX_WITHDRAWN_SHARE, Proposal, propose
from baton.linkage.records import PAIRS

__all__ = [
    "KINDS",
    "MAX_WITHDRAWN_SHARE",
    "PAIRS",
    "Kind",
    "Likeness",
    "Proposal",
    "find_alike",
    "kinds_of",
    "propose",
    "require_splink",
]
