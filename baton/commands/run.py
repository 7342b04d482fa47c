"""`baton run`."""

import sys

import click

from baton.commands.output import err, json_option, report
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

QUARANTINED = 3


@click.command()
@click.option("--limit", type=click.IntRange(min=1), help="Take in at most this many rows.")
@click.option("--full-refresh", is_flag=True, help="Rebuild all state from the logs; ledgers stay.")
@json_option
def run(limit: int | None, full_refresh: bool, as_json: bool) -> None:
    """Run one micro-batch: take in what has arrived, decide, hand over."""
    project = Project.find()
    with Journal.open(project.journal) as journal, err.status("batch") as status:
        batch = MicroBatch(project).run(
            journal,
            now=journal.now(),
            limit=limit,
            full_refresh=full_refresh,
            progress=status.update,
        )
    report(batch.facts(), as_json=as_json)
    for journey in batch.stopped:
        err.print(
            f"stopped: the journey {journey} has passed a limit and its messages are held; look at "
            f"ops_runaway_journeys, then `baton resume journey {journey} --reason '...'`",
            markup=False,
        )
    for one in (*batch.window.waiting, *batch.window.held):
        err.print(f"not taken in: {one.path}: {one.reason}", markup=False)
    if batch.window.counts.rows_quarantined:
        err.print(
            f"{batch.window.counts.rows_quarantined} records are in quarantine; "
            "raw.quarantine says which and why"
        )
        sys.exit(QUARANTINED)
