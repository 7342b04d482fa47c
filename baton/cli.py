"""The command `baton`: prints facts, returns exit codes, says what to do next.

Exit codes: 0 fine · 1 a check found something · 2 wrong usage · 3 done, with records quarantined ·
4 locked or busy · 5 refused by a rule.
"""

import getpass
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from rich.console import Console

from baton.errors import BatonError
from baton.project import Project

QUARANTINED = 3
SCOPES = ("global", "brand", "journey", "action", "channel", "destination", "person")

err = Console(stderr=True, highlight=False)
json_option = click.option("--json", "as_json", is_flag=True, help="Print facts as one JSON object.")


class BatonGroup(click.Group):
    """Turns errors of the tree into their message and exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print a `BatonError` as it reads and leave with its code."""
        try:
            return super().invoke(ctx)
        except BatonError as error:
            err.print(f"baton: {error}", markup=False, soft_wrap=True)
            sys.exit(error.exit_code)


@click.group(cls=BatonGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baton-journeys")
def main() -> None:
    """Customer journeys decided inside the warehouse, sent once, with the reason on record."""


@main.command()
@click.option("--fresh", is_flag=True, help="Start over: remove the demo's warehouse and inbox first.")
@click.option("--if-missing", is_flag=True, help="Do nothing when the demo has been run.")
@json_option
def demo(fresh: bool, if_missing: bool, as_json: bool) -> None:
    """Run the main job on the example: history, then the last hours batch by batch."""
    from baton import demo as the_demo

    project = Project.find()
    if if_missing and project.warehouse.exists():
        return
    show = the_demo.run(project, fresh=fresh, console=err)
    if as_json:
        _print_json(show)
    else:
        the_demo.print_summary(show, Console(highlight=False))


@main.command()
@click.option("--limit", type=int, help="Take in at most this many rows.")
@click.option("--full-refresh", is_flag=True, help="Rebuild all state from the logs; ledgers stay.")
@json_option
def run(limit: int | None, full_refresh: bool, as_json: bool) -> None:
    """Run one micro-batch: take in what has arrived, decide, hand over."""
    from baton.journal import Journal
    from baton.micro_batch import MicroBatch

    project = Project.find()
    with Journal.open(project.journal) as journal, err.status("batch") as status:
        batch = MicroBatch(project).run(
            journal,
            now=journal.now(),
            limit=limit,
            full_refresh=full_refresh,
            progress=status.update,
        )
    _report(batch.facts(), as_json)
    if batch.window.counts.rows_quarantined:
        err.print(f"{batch.window.counts.rows_quarantined} records were quarantined: see raw.quarantine")
        sys.exit(QUARANTINED)


@main.command()
@click.option("--only", multiple=True, help="Send to this destination alone; may be repeated.")
@json_option
def send(only: tuple[str, ...], as_json: bool) -> None:
    """Send what the journal holds and may go out now."""
    from activation import DestinationsConfig
    from activation import send as send_now
    from baton.journal import Journal

    project = Project.find()
    with Journal.open(project.journal) as journal:
        report = send_now(journal, DestinationsConfig.load(), now=journal.now, only=only or None)
    _report(report.facts(), as_json)


@main.command()
@json_option
def status(as_json: bool) -> None:
    """Show people, journeys, decisions, messages, batches and the live release."""
    from baton import status as the_status
    from baton.dbt_runner import DbtProject
    from baton.journal import Journal
    from baton.warehouse import reader

    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        facts = the_status.facts(con, journal, DbtProject(project))
    _report(facts, as_json)


@main.command()
@click.argument("subject")
@json_option
def explain(subject: str, as_json: bool) -> None:
    """Tell why: SUBJECT is a person id, an e-mail, phone or other identifier, or a message id."""
    from baton import explain as the_explain
    from baton.dbt_runner import DbtProject
    from baton.journal import Journal
    from baton.warehouse import reader

    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        story = the_explain.story(con, journal, DbtProject(project), subject)
    if as_json:
        _print_json(story)
    else:
        the_explain.print_story(story, Console(highlight=False))


def _switch(verb: str) -> Callable[..., None]:
    @click.argument("scope", type=click.Choice(SCOPES), default="global")
    @click.argument("value", required=False)
    @click.option("--reason", required=True, help="Why; it stays on record.")
    @click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
    @json_option
    def command(scope: str, value: str | None, reason: str, by: str, as_json: bool) -> None:
        from baton.journal import Journal

        project = Project.find()
        with Journal.open(project.journal) as journal:
            change = journal.stop if verb == "stop" else journal.resume
            change(scope, value, reason=reason, by=by)
            standing = [
                {"scope": one.scope, "value": one.value, "reason": one.reason}
                for one in journal.switches()
            ]
        _report({verb: {"scope": scope, "value": value}, "stopped": standing}, as_json)

    return command


main.command("stop", help="Stop everything, or one journey, action, channel ... at once.")(
    _switch("stop")
)
main.command("resume", help="Lift a stop.")(_switch("resume"))


@main.command()
@json_option
def check(as_json: bool) -> None:
    """Check cards and policies, with file, line and mend; in seconds, without the warehouse."""
    from baton.cards import check_project, render

    project = Project.find()
    problems = check_project(project.dbt_project)
    if as_json:
        _print_json({"problems": [one.as_dict() for one in problems]})
    elif problems:
        click.echo(render(problems))
    else:
        click.echo("cards and policies are fine")
    sys.exit(1 if problems else 0)


@main.group()
def release() -> None:
    """Rules as versioned data: nothing in a card or policy acts until it is activated."""


@release.command()
@click.option("--reason", required=True, help="Why; it stays on record.")
@click.option("--by", default=getpass.getuser, help="Who activates.")
@click.option("--approved-by", default=None, help="Who approved.")
@json_option
def activate(reason: str, by: str, approved_by: str | None, as_json: bool) -> None:
    """Compile cards and policies into a release and make it live from now on."""
    from baton import releases
    from baton.journal import Journal

    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.compile_and_activate(
            project, journal, by=by, approved_by=approved_by, reason=reason
        )
    _report(facts, as_json)


@release.command("list")
@json_option
def list_releases(as_json: bool) -> None:
    """Show the log of activations, the latest last."""
    from baton.journal import Journal

    project = Project.find()
    with Journal.open(project.journal) as journal:
        entries = [vars(one) for one in journal.activations()]
    _report({"activations": entries}, as_json)


def _report(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(facts)
    else:
        _print_tree(facts)


def _print_json(facts: object) -> None:
    click.echo(json.dumps(facts, indent=2, default=_plain))


def _plain(value: object) -> object:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def _print_tree(facts: dict[str, Any], indent: int = 0) -> None:
    for name, value in facts.items():
        label = f"{'  ' * indent}{str(name).replace('_', ' ')}"
        if isinstance(value, dict):
            click.echo(label)
            _print_tree(value, indent + 1)
        elif isinstance(value, list):
            click.echo(f"{label}{'' if value else '  none'}")
            for item in value:
                click.echo(f"{'  ' * (indent + 1)}{_line(item)}")
        else:
            click.echo(f"{label:<36} {value if value is not None else '-'}")


def _line(item: object) -> str:
    if isinstance(item, dict):
        return "  ".join(f"{name} {value}" for name, value in item.items())
    return str(item)
