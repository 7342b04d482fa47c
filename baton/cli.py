"""The command `baton`: prints facts, returns exit codes, says what to do next.

Exit codes: 0 fine · 1 a check found something · 2 wrong usage · 3 done, with records quarantined ·
4 locked or busy · 5 refused by a rule.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from baton.allocating import begin_anew
from baton.commands.output import err
from baton.errors import BatonError

_NAME = "baton"
_WATCHED = {"run", "--watch"}
"""Words of the command that computes all the time."""

COMMANDS = {
    "demo": "Run the main job on the example: history, then the last hours batch by batch.",
    "run": "Run one micro-batch, or with --watch batch after batch.",
    "send": "Send what the journal holds and may go out now.",
    "outbox": "List, show, replay and drop messages that wait or are dead.",
    "sync": "List, plan, run and approve syncs: what tools should hold of people.",
    "serve": "Serve preference links, unsubscribing, contexts of hand-offs, and take events.",
    "status": "Show people, journeys, decisions, messages, batches and the live release.",
    "doctor": "Answer the questions buyers ask, from data, with what to mend.",
    "explain": "Tell why a customer or message got what it got.",
    "audit": "Tell who changed which rule, what was decided and sent; verify the ledgers.",
    "identity": "Tell who is who and why; join, separate and erase people.",
    "likeness": "Propose which profiles may be one person, by their values alone.",
    "stop": "Stop everything, or one journey, action, channel ... at once.",
    "resume": "Lift a stop.",
    "message": "Read what an action says as a customer would; send it to yourself.",
    "tidy": "Remove what is old by retention.yml; sort the histories by person.",
    "check": "Check cards and policies, with file, line and mend.",
    "journey": "List, draw, test and simulate journeys.",
    "review": "List what is due for review; record that somebody looked.",
    "release": "Make rules live, take them back, show what is live and what differs.",
}


class BatonGroup(click.Group):
    """Loads a command when it is called; turns errors of the tree into message and exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module and return the command."""
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(f"baton.commands.{cmd_name}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print a `BatonError` as it reads and leave with its code."""
        if Path(sys.argv[0]).name == _NAME and set(sys.argv) >= _WATCHED:
            begin_anew()
        try:
            return super().invoke(ctx)
        except BatonError as error:
            err.print(f"baton: {error}", markup=False, soft_wrap=True)
            sys.exit(error.exit_code)


@click.group(cls=BatonGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baton-journeys")
def main() -> None:
    """Customer journeys decided inside the warehouse, sent once, with the reason on record."""
