"""What Dagster loads."""

from pathlib import Path

import dagster as dg

from baton.cards import check_project, render
from baton.errors import CheckFailed
from dagster_defs.resources import BatonResource

ROOT = Path(__file__).parent.parent


@dg.definitions
def defs() -> dg.Definitions:
    """Return all definitions. Raises `CheckFailed` when a card or policy is wrong."""
    problems = check_project(ROOT / "dbt_project")
    if problems:
        raise CheckFailed(f"cards and policies need mending\n{render(problems)}")
    resources = dg.Definitions(resources={"baton": BatonResource(root=str(ROOT))})
    return dg.Definitions.merge(dg.load_from_defs_folder(path_within_project=ROOT), resources)
