"""`baton explain`."""

import os
import stat
from pathlib import Path

import click

from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.explain import Mask, page, print_story, story
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader

_OWN = 0o600


@click.command()
@click.argument("subject")
@json_option
@click.option(
    "--html",
    "html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the story as one HTML page that prints and needs no network.",
)
@click.option("--unmask", is_flag=True, help="With --html: show names and addresses in full.")
def explain(subject: str, as_json: bool, html: Path | None, unmask: bool) -> None:
    """Tell why: SUBJECT is an e-mail, phone, CRM, user or person id, or a message id."""
    if unmask and html is None:
        raise UsageError(
            "--unmask goes with --html", where="explain", mend="name the page to write"
        )
    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        told = story(con, journal, DbtProject(project), subject)
    if html is not None:
        _write(html, page(told, Mask(is_on=not unmask)))
    if as_json:
        print_json(told)
    elif html is not None:
        click.echo(f"wrote {html}")
    else:
        print_story(told, console)


def _write(file: Path, text: str) -> None:
    """Write a page that nobody else may read, also where a file was there before."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWN)
        with os.fdopen(opened, "w", encoding="utf-8") as page_file:
            if stat.S_ISREG(os.fstat(opened).st_mode):
                os.fchmod(opened, _OWN)
            page_file.write(text)
    except OSError as error:
        raise UsageError(
            f"the page cannot be written: {error.strerror}",
            where=str(file),
            mend="name a file in a folder that is there and can be written to",
        ) from error
