"""Erase a person, and be killed at a moment of it: `python -m end_to_end.killed_erasure WHO WHEN`.

The moments: `journal` (it has committed), `warehouse` (that has, too), `file` (one was blanked).
"""

import os
import signal
import sys

from baton.audit.sealing import Sealer
from baton.commands.identity.erasing import planned
from baton.dbt_runner import DbtProject
from baton.erasing.landed import blank_landed
from baton.erasing.warehouse import person_of, remove
from baton.intake import prepare, sources_from_manifest
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader, transaction, writer


def main(customer: str, moment: str) -> None:
    """Do what the command does, up to the moment."""
    project = Project.find()
    dbt = DbtProject(project)
    sources = sources_from_manifest(dbt.source_nodes)
    with Journal.open(project.journal) as journal:
        with reader(project.warehouse) as con:
            order, _ = planned(con, project, dbt, journal, customer)
        one = journal.erasures.order(order, reason="asked for it", by="test")
        if moment == "journal":
            _die()
        with writer(project.warehouse) as con:
            prepare(con, sources)
            with transaction(con):
                person = person_of(con, dbt, one.node_ids, one.person_ids)
                burial = Sealer(dbt).burial(con, journal)
                remove(con, dbt, sources, person, one.erasure_id, burial=burial)
            if moment == "warehouse":
                _die()
            mine = journal.erasures.tombstones()
            assert mine is not None
            some = [source for source in sources if source.name == "crm"]
            blank_landed(con, project.landing, some, mine, everywhere=True)
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
