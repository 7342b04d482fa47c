"""`baton identity`."""

import click

from baton.commands.identity.deciding import lift, link, overrides, separate
from baton.commands.identity.erasing import done_by_hand, erase, erasures, purge
from baton.commands.identity.explaining import conflicts, explain


@click.group()
def identity() -> None:
    """Who is who and why, who decides it, and who is no longer to be known."""


for _command in (
    explain,
    conflicts,
    link,
    separate,
    lift,
    overrides,
    erase,
    erasures,
    done_by_hand,
    purge,
):
    identity.add_command(_command)
