"""`baton resume`."""

import sys

import click

from baton import switching
from baton.commands.output import err, report
from baton.commands.switching import scoped, switch_options
from baton.journal import Journal
from baton.journal.lifting import HELD, Held
from baton.project import Project


@click.command()
@switch_options
@click.option(
    "--held",
    type=click.Choice(HELD),
    help="What waits: release it to be decided again, cancel it, or keep it held.",
)
def resume(
    *,
    scope: str | None,
    value: str | None,
    is_all: bool,
    held: Held | None,
    reason: str,
    by: str,
    as_json: bool,
    **named: str | None,
) -> None:
    """Lift a stop, and say what becomes of the messages that wait under it.

    What is released is checked again by the next batch before it goes out; what has expired does
    not. A stop by a limit counts anew from here: the reason is your answer to what it saw.
    """
    meant = scoped(scope, value, is_all=is_all, **named)
    with Journal.open(Project.find().journal) as journal:
        fate = held or _asked(journal.waiting_of(*meant))
        facts = switching.resume(journal, meant, reason=reason, by=by, held=fate)
    report(facts, as_json=as_json)


def _asked(waiting: dict[str, int]) -> Held | None:
    """What whoever sits there wants done with what waits; null where nobody does, or nothing."""
    if not waiting or not sys.stdin.isatty():
        return None
    err.print(switching.said_of(waiting), markup=False)
    answer: Held = click.prompt("release, cancel or keep them", type=click.Choice(HELD), err=True)
    return answer
