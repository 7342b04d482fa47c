"""`baton status`."""

import sys

import click

from baton import status as the_status
from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.errors import CheckFailed
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader


@click.command()
@click.option("--check", is_flag=True, help="End with 1 when a promise of speed is broken.")
@json_option
def status(*, check: bool, as_json: bool) -> None:
    """Show people, journeys, decisions, messages, batches, promises and the live release."""
    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        facts = the_status.facts(con, journal, DbtProject(project))
    if as_json:
        print_json(facts)
    else:
        for line in the_status.status_lines(facts, console.width):
            console.print(line, markup=False, soft_wrap=True)
    if check and facts["broken_promises"]:
        sys.exit(CheckFailed.exit_code)
