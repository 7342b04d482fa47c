"""`baton release`."""

import getpass
from collections.abc import Callable, Iterable
from typing import Any

import click

from baton import releases
from baton.commands.output import json_option, print_json
from baton.journal import Journal
from baton.project import Project
from baton.releases import text

Facts = dict[str, Any]


@click.group()
def release() -> None:
    """Rules as versioned data: nothing in a card or policy acts until it is activated."""


def _signed(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--reason", required=True, help="Why; it stays on record."),
        click.option("--by", default=getpass.getuser, help="Who; by default the user logged in."),
        click.option("--approved-by", default=None, help="Who approved."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@_signed
@json_option
def activate(
    *, release_id: str | None, reason: str, by: str, approved_by: str | None, as_json: bool
) -> None:
    """Make a release live from now on.

    Without RELEASE the cards and policies of the working tree are compiled; with it, an earlier
    release is made live again. RELEASE is an id, or how it starts.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        signed: Facts = {"by": by, "approved_by": approved_by, "reason": reason}
        if release_id is None:
            facts = releases.compile_and_activate(project, journal, **signed)
        else:
            facts = releases.activate_compiled(project, journal, release_id, **signed)
    _print(facts, text.activated_lines, as_json=as_json)


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@_signed
@click.option("--force", is_flag=True, help="Also the last one that stands; then nothing acts.")
@json_option
def withdraw(
    *,
    release_id: str | None,
    reason: str,
    by: str,
    approved_by: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Take a release back, by default the live one; the one activated before it is live again.

    Says what becomes of its open instances and of its messages that are not yet sent, none of
    which goes out from now on.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.withdraw(
            project,
            journal,
            release_id,
            by=by,
            approved_by=approved_by,
            reason=reason,
            is_forced=force,
        )
    _print(facts, text.withdrawn_lines, as_json=as_json)


@release.command("list")
@json_option
def list_releases(as_json: bool) -> None:
    """Show the releases, which one is live, and the log of activations and withdrawals."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.list_facts(project, journal)
    _print(facts, text.list_lines, as_json=as_json)


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@json_option
def show(release_id: str | None, as_json: bool) -> None:
    """Show a release, by default the live one, and how the working tree differs from it."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.show_facts(project, journal, release_id)
    _print(facts, text.show_lines, as_json=as_json)


def _print(facts: Facts, lines: Callable[[Facts], Iterable[str]], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        click.echo("\n".join(lines(facts)))
