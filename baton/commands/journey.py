"""`baton journey`."""

import sys
import tempfile
from pathlib import Path

import click

from baton.cards import read_project
from baton.commands.output import err, json_option, print_json
from baton.journeys import scenarios
from baton.project import Project


@click.group()
def journey() -> None:
    """Try journeys before they are live, and see who is where in those that are."""


@journey.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
def test(names: tuple[str, ...], as_json: bool) -> None:
    """Run the scenarios of all journeys, or of those named, under the cards of the working tree."""
    project = Project.find()
    cards = read_project(project.dbt_project)
    files = scenarios.read_scenarios(cards, names)
    with tempfile.TemporaryDirectory() as folder, err.status("reading the models") as status:
        verdicts = scenarios.run_scenarios(
            project, cards.cards, files, Path(folder), progress=status.update
        )
    if as_json:
        print_json(scenarios.facts_of(verdicts))
    else:
        click.echo("\n".join(scenarios.lines_of(verdicts)))
    sys.exit(0 if all(one.passed for one in verdicts) else 1)
