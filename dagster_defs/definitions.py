"""What Dagster loads."""

import warnings

import dagster as dg

from baton.allocating import ask_for_later_processes
from dagster_defs.project import ROOT, require_sound_rules
from dagster_defs.resources import BatonResource, DestinationsResource


@dg.definitions
def defs() -> dg.Definitions:
    """Return all definitions. Raises `CheckFailed` when a card or policy is wrong.

    Steps run one after the other in the process of their run: they share one warehouse. Runs are
    processes that the one which loads this starts, so what these are to find set is set here.
    """
    ask_for_later_processes()
    # Dagster warns of a parameter that its own loader passes to our sensor.
    warnings.filterwarnings("ignore", category=dg.BetaWarning, module="dagster")
    require_sound_rules()
    around = dg.Definitions(
        resources={
            "baton": BatonResource(root=str(ROOT)),
            "destinations": DestinationsResource.of_environment(),
        },
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(dg.load_from_defs_folder(path_within_project=ROOT), around)
