"""`baton explain`."""

import click

from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.explain import print_story, story
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader


@click.command()
@click.argument("subject")
@json_option
def explain(subject: str, as_json: bool) -> None:
    """Tell why: SUBJECT is an e-mail, phone, CRM, user or person id, or a message id."""
    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        told = story(con, journal, DbtProject(project), subject)
    if as_json:
        print_json(told)
    else:
        print_story(told, console)
