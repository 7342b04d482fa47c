"""Syncs: what tools should hold, as dbt exposures declare it."""

from activation.syncs.checks import check, exposures_of
from activation.syncs.declared import Sync
from activation.syncs.plan import Plan
from activation.syncs.run import Ground, Report, plan_syncs, run_syncs
from activation.syncs.source import Relations

__all__ = [
    "Ground",
    "Plan",
    "Relations",
    "Report",
    "Sync",
    "check",
    "exposures_of",
    "plan_syncs",
    "run_syncs",
]
