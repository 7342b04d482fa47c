"""`baton check`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from activation.config import DestinationsConfig
from activation.templates import Templates
from activation.wording import faults
from baton.cards import Problem, check_project, render, to_json
from baton.commands.output import json_option
from baton.project import Project


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Check cards, policies and templates, with file, line and mend; without the warehouse."""
    project = Project.find().dbt_project
    problems = [*check_project(project), *_wording(project)]
    if as_json:
        click.echo(to_json(problems))
    else:
        click.echo(render(problems) if problems else "cards, policies and templates are fine")
    sys.exit(1 if problems else 0)


def _wording(project: Path) -> Iterator[Problem]:
    actions = project / "seeds" / "policies" / "actions.csv"
    file = actions.relative_to(project).as_posix()
    templates = Templates(DestinationsConfig.load().templates)
    for fault in faults(actions, templates) if actions.is_file() else ():
        yield Problem("unfit_template", file, fault.line, fault.message, fault.mend)
