"""`baton resume`."""

import sys
from typing import Any

import click

from baton.commands.output import err, report
from baton.commands.switching import Scoped, scoped, standing, switch_options
from baton.errors import UsageError
from baton.journal import Journal
from baton.journal.lifting import HELD, Held
from baton.limits import BY
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
        waiting = journal.waiting_of(*meant)
        lifted = [one for one in journal.switches() if (one.scope, one.value) == meant]
        fate = held or _asked(waiting, meant)
        count = journal.resume(*meant, reason=reason, by=by, held=fate)
        facts: dict[str, Any] = {
            "resume": dict(zip(("scope", "value"), meant, strict=True)),
            "lifted": [{"reason": one.reason, "by": one.set_by} for one in lifted],
            "counts_anew": any(one.set_by == BY for one in lifted),
            "waiting": waiting,
            "messages": {fate: count},
            "stopped": standing(journal),
        }
    report(facts, as_json=as_json)


def _asked(waiting: dict[str, int], meant: Scoped) -> Held:
    """What to do with what waits: nothing to ask where nothing does, else whoever sits there."""
    if not waiting:
        return "release"
    count = sum(waiting.values())
    why = ", ".join(f"{count} {reason}" for reason, count in waiting.items())
    if not sys.stdin.isatty():
        raise UsageError(
            f"{count} messages wait ({why}), and it is not said what becomes of them",
            where=" ".join(filter(None, meant)),
            mend="add --held release to have them decided again, --held cancel, or --held keep",
        )
    err.print(f"{count} messages wait: {why}", markup=False)
    answer: Held = click.prompt("release, cancel or keep them", type=click.Choice(HELD), err=True)
    return answer
