"""`baton release`."""

import getpass
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from baton import releases
from baton.commands.accounts import account
from baton.commands.output import err, json_option, print_json
from baton.journal import Journal
from baton.project import Project
from baton.releases import text
from baton.releases.putting_back import exit_code_of

Facts = dict[str, Any]
REFUSED = 5
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def release() -> None:
    """Rules as versioned data: nothing in a card or policy acts until it is activated."""


def _signed(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--reason", required=True, help="Why; it stays on record."),
        click.option("--by", default=getpass.getuser, help="Who; by default the user logged in."),
        click.option("--approved-by", default=None, help="Who approved."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@_signed
@click.option("--plan", default=None, help="The plan's hash, or how it starts.")
@json_option
def activate(
    *,
    release_id: str | None,
    reason: str,
    by: str,
    approved_by: str | None,
    plan: str | None,
    as_json: bool,
) -> None:
    """Make a release live from now on.

    Without RELEASE the cards and policies of the working tree are compiled; with it, an earlier
    release is made live again. RELEASE is an id, or how it starts. With --plan it must be what was
    planned, and approved where the release policy wants that.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.activate_named(
            project,
            journal,
            release_id,
            plan=plan,
            by=by,
            approved_by=approved_by,
            reason=reason,
        )
    _print(facts, text.activated_lines, as_json=as_json)


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@_signed
@click.option("--force", is_flag=True, help="Also the last one that stands; then nothing acts.")
@click.option(
    "--put-back", is_flag=True, help="Write the SQL of signals and guards as it was before, too."
)
@json_option
def withdraw(
    *,
    release_id: str | None,
    reason: str,
    by: str,
    approved_by: str | None,
    force: bool,
    put_back: bool,
    as_json: bool,
) -> None:
    """Take a release back, by default the live one; the one activated before it is live again.

    Says what becomes of its open instances and of its messages that are not yet sent, none of
    which goes out from now on. With --put-back the exit code is 3 when it is withdrawn, but the
    warehouse could not be had for the SQL or a file was left as it is: `put-back` does the rest.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.withdraw(
            project,
            journal,
            release_id,
            by=by,
            approved_by=approved_by,
            reason=reason,
            is_forced=force,
            puts_back=put_back,
        )
    _print(facts, text.withdrawn_lines, as_json=as_json)
    sys.exit(exit_code_of(facts))


@release.command("put-back")
@click.argument("release_id", metavar="[RELEASE]", required=False)
@json_option
def put_back(*, release_id: str | None, as_json: bool) -> None:
    """Write the SQL of signals and guards as a release has it, by default the live one.

    After a withdrawal; with RELEASE, an id or how it starts, before that one is activated again. A
    file that was edited after it was activated is left as it is and named; exit code 5 then.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.put_sql_back(project, journal, release_id)
    _print(facts, text.put_back_lines, as_json=as_json)
    sys.exit(exit_code_of(facts))


@release.command()
@click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
@click.option("--hours", type=click.FloatRange(min=0.01), default=6.0, show_default=True)
@click.option("--slices", type=click.IntRange(min=1), default=12, show_default=True)
@click.option("--markdown", type=_FILE, help="Write the report into this file.")
@json_option
def plan(*, by: str, hours: float, slices: int, markdown: Path | None, as_json: bool) -> None:
    """Say what the working tree would change, before it does: nothing becomes live.

    On a copy of the warehouse the last --hours are decided both ways, by what is live and by the
    working tree, in at most --slices steps. Exit code 0 when it passes or needs approval, 5 when
    the release policy refuses it.
    """
    from baton.gate.markdown import report_markdown  # noqa: PLC0415  # seconds of import
    from baton.gate.plan import plan_release  # noqa: PLC0415

    project = Project.find()
    with Journal.open(project.journal) as journal, err.status("planning") as status:
        report = plan_release(
            project,
            journal,
            by=by,
            account=account(),
            hours=hours,
            slices=slices,
            progress=status.update,
        )
    page = report_markdown(report)
    if markdown is not None:
        markdown.write_text(page, encoding="utf-8")
    if as_json:
        print_json(report)
    else:
        click.echo(page, nl=False)
    sys.exit(REFUSED if report["verdict"] == "refused" else 0)


@release.command()
@click.argument("plan_hash", metavar="PLAN")
@click.option("--by", required=True, help="Whose approval: an address of an owner or approver.")
@click.option("--reason", required=True, help="Why; it stays on record.")
@json_option
def approve(*, plan_hash: str, by: str, reason: str, as_json: bool) -> None:
    """Approve a plan for the dbt groups that --by may approve for."""
    from baton.gate.approving import approve_plan  # noqa: PLC0415

    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = approve_plan(project, journal, plan_hash, by=by, reason=reason, account=account())
    _print(facts, text.approved_lines, as_json=as_json)


@release.command("list")
@json_option
def list_releases(as_json: bool) -> None:
    """Show the releases, which one is live, and the log of activations and withdrawals."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.list_facts(project, journal)
    _print(facts, text.list_lines, as_json=as_json)


@release.command()
@click.argument("release_id", metavar="[RELEASE]", required=False)
@json_option
def show(release_id: str | None, as_json: bool) -> None:
    """Show a release, by default the live one, and how the working tree differs from it."""
    project = Project.find()
    with Journal.open(project.journal) as journal:
        facts = releases.show_facts(project, journal, release_id)
    _print(facts, text.show_lines, as_json=as_json)


def _print(facts: Facts, lines: Callable[[Facts], Iterable[str]], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        click.echo("\n".join(lines(facts)))
