import os
import secrets
from random import Random

import pytest
from end_to_end.evidence import evidence
from end_to_end.harness import Shop

from baton.micro_batch import MicroBatch
from examples.retail.receivers import Receivers

from .killer import AmbushLog, Killer
from .outcome import outcome_of
from .worker import work


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The repository's dbt project; the stores that are killed lie beside it."""
    shop = Shop(tmp_path_factory.mktemp("crash"))
    shop.dbt.checksum()
    return shop


@pytest.fixture
def random():
    """Chance, from a seed that is printed; `BATON_CRASH_SEED` sets it."""
    seed = int(os.environ.get("BATON_CRASH_SEED") or secrets.randbelow(10**6))
    print(f"BATON_CRASH_SEED={seed}")
    return Random(seed)  # noqa: S311  # it chooses when to kill


@pytest.fixture
def undisturbed(shop):
    """Work through the slices in a folder without a kill, and return the outcome."""

    def run(folder, minutes):
        project = shop.project_in(folder)
        with Receivers(folder / "received", folder / "mailboxes.json") as receivers:
            work(MicroBatch(project, shop.dbt), folder / "slices", minutes, receivers.environment)
        return outcome_of(project, shop.dbt, folder / "received" / "received.jsonl")

    return run


@pytest.fixture
def killed(shop, random):
    """Work through the slices with kills as planned; returns outcome, kills and the proof."""

    def run(folder, minutes, plans):
        project = shop.project_in(folder)
        log = folder / "received" / "received.jsonl"
        receivers = Receivers(folder / "received", folder / "mailboxes.json")
        receivers.log = AmbushLog(folder / "received")
        with receivers:
            killer = Killer(folder, minutes, receivers.environment, receivers.log, random)
            killer.run(plans)
        proof = evidence(project.warehouse, project.journal, log)
        return outcome_of(project, shop.dbt, log), killer.kills, proof

    return run
