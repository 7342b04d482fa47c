"""`baton stop`."""

import click

from baton.commands.switching import change, switch_options


@click.command()
@switch_options
def stop(scope: str, value: str | None, reason: str, by: str, as_json: bool) -> None:
    """Stop sending at once: everything, or one journey, action, channel, person ...

    Works while a batch runs. Messages that wait are kept; `baton resume` lifts the stop.
    """
    change("stop", scope, value, reason=reason, by=by, as_json=as_json)
