"""What `baton stop` and `baton resume` share: which scope is meant, who says so and why."""

import getpass
from collections.abc import Callable

import click

from baton.commands.output import json_option
from baton.errors import UsageError
from baton.journal.rules import SCOPES
from baton.switching import Scoped

_NAMED = tuple(scope for scope in SCOPES if scope != "global")


def switch_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add scope, value, reason and author to a command."""
    options = (
        click.argument("scope", type=click.Choice(SCOPES), required=False),
        click.argument("value", required=False),
        click.option("--all", "is_all", is_flag=True, help="Everything; so without any scope."),
        *(click.option(f"--{scope}", help=f"This {scope} alone.") for scope in _NAMED),
        click.option("--reason", required=True, help="Why; it stays on record."),
        click.option("--by", default=getpass.getuser, help="Who; by default the user logged in."),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def scoped(scope: str | None, value: str | None, *, is_all: bool, **named: str | None) -> Scoped:
    """Return the one scope that is meant, with its value, null for global.

    Raises UsageError when several are.
    """
    meant: list[Scoped] = [(name, given) for name, given in named.items() if given is not None]
    meant += [("global", None)] if is_all else []
    meant += [(scope, value)] if scope is not None else []
    if len(meant) > 1:
        raise UsageError(
            "one thing is stopped or resumed at a time",
            where=", ".join(f"{name} {given or ''}".strip() for name, given in meant),
            mend="call it once for each",
        )
    return meant[0] if meant else ("global", None)
