"""`baton release`."""

import getpass

import click

from baton import releases
from baton.commands.output import json_option, report
from baton.journal import Journal
from baton.project import Project


@click.group()
def release() -> None:
    """Rules as versioned data: nothing in a card or policy acts until it is activated."""


@release.command()
@click.option("--reason", required=True, help="Why; it stays on record.")
@click.option("--by", default=getpass.getuser, help="Who activates.")
@click.option("--approved-by", default=None, help="Who approved.")
@json_option
def activate(reason: str, by: str, approved_by: str | None, as_json: bool) -> None:
    """Compile cards and policies into a release and make it live from now on."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.compile_and_activate(
            project, journal, by=by, approved_by=approved_by, reason=reason
        )
    report(facts, as_json=as_json)


@release.command("list")
@json_option
def list_releases(as_json: bool) -> None:
    """Show the log of activations, the latest last."""
    with Journal.open(Project.find().journal) as journal:
        entries = [vars(one) for one in journal.activations()]
    report({"activations": entries}, as_json=as_json)
