"""What `baton stop` and `baton resume` share."""

import getpass
from collections.abc import Callable
from typing import Any

import click

from baton.commands.output import json_option, report
from baton.journal import Journal
from baton.project import Project

SCOPES = ("global", "brand", "journey", "action", "channel", "destination", "person")


def switch_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add scope, value, reason and author to a command."""
    options = (
        click.argument("scope", type=click.Choice(SCOPES), default="global"),
        click.argument("value", required=False),
        click.option("--reason", required=True, help="Why; it stays on record."),
        click.option("--by", default=getpass.getuser, help="Who; by default the user logged in."),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def change(
    verb: str, scope: str, value: str | None, *, reason: str, by: str, as_json: bool
) -> None:
    """Write the switch and print what stands; the journal is open while a batch runs."""
    with Journal.open(Project.find().journal) as journal:
        write = journal.stop if verb == "stop" else journal.resume
        write(scope, value, reason=reason, by=by)
        standing: list[dict[str, Any]] = [
            {"scope": one.scope, "value": one.value, "reason": one.reason}
            for one in journal.switches()
        ]
    report({verb: {"scope": scope, "value": value}, "stopped": standing}, as_json=as_json)
