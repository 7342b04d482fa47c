"""`baton check`."""

import sys

import click

from baton.cards import check_project, render, to_json
from baton.commands.output import json_option
from baton.project import Project


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Check cards and policies, with file, line and mend; in seconds, without the warehouse."""
    problems = check_project(Project.find().dbt_project)
    if as_json:
        click.echo(to_json(problems))
    else:
        click.echo(render(problems) if problems else "cards and policies are fine")
    sys.exit(1 if problems else 0)
