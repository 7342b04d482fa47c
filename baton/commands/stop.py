"""`baton stop`."""

import click

from baton import switching
from baton.commands.output import report
from baton.commands.switching import scoped, switch_options
from baton.journal import Journal
from baton.project import Project


@click.command()
@switch_options
def stop(
    *,
    scope: str | None,
    value: str | None,
    is_all: bool,
    reason: str,
    by: str,
    as_json: bool,
    **named: str | None,
) -> None:
    """Stop sending at once: everything, or one journey, action, channel, person ...

    Works while a batch runs. Messages that wait are kept; `baton resume` lifts the stop.
    """
    meant = scoped(scope, value, is_all=is_all, **named)
    with Journal.open(Project.find().journal) as journal:
        facts = switching.stop(journal, meant, reason=reason, by=by)
    report(facts, as_json=as_json)
