"""`baton resume`."""

import click

from baton.commands.switching import change, switch_options


@click.command()
@switch_options
def resume(scope: str, value: str | None, reason: str, by: str, as_json: bool) -> None:
    """Lift a stop; what waited and has not expired is checked again before it goes out."""
    change("resume", scope, value, reason=reason, by=by, as_json=as_json)
