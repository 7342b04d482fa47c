"""`baton send`."""

import click

from activation import DestinationsConfig
from activation import send as send_now
from baton.commands.output import err, json_option, report
from baton.journal import Journal
from baton.project import Project


@click.command()
@click.option("--only", multiple=True, help="Send to this destination alone; may be repeated.")
@json_option
def send(only: tuple[str, ...], as_json: bool) -> None:
    """Send what the journal holds and may go out now; what is due later stays."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        done = send_now(journal, DestinationsConfig.load(), now=journal.now, only=only or None)
    facts = {
        "requests": done.requests,
        "by_destination": done.by_destination,
        "recovered": done.recovered,
        "halted": done.halted,
        "claim_to_first_byte_ms": done.claim_to_first_byte_ms,
        "notes": done.notes,
    }
    report(facts, as_json=as_json)
    for name, note in done.notes.items():
        err.print(f"{name}: {note}", markup=False)
