"""`baton likeness`."""

from uuid import uuid4

import click

from baton.commands.output import err, json_option, report
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.linkage import MAX_WITHDRAWN_SHARE, propose
from baton.project import Project


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be proposed.")
@click.option(
    "--max-withdrawn-share",
    default=MAX_WITHDRAWN_SHARE,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Of standing pairs at most this share is withdrawn.",
)
@click.option("--withdraw-all", is_flag=True, help="Compare nothing, take every pair back.")
@json_option
def likeness(
    *, dry_run: bool, max_withdrawn_share: float, withdraw_all: bool, as_json: bool
) -> None:
    """Propose which profiles may be one person, though they share no identifier.

    The next batch takes the pairs in; the rules of identity decide what becomes of them.
    """
    project = Project.find()
    with Journal.open(project.journal) as journal:
        now = journal.now()
    with err.status("comparing profiles"):
        proposal = propose(
            project,
            DbtProject(project),
            now=now,
            run_id=uuid4().hex,
            max_withdrawn_share=1 if withdraw_all else max_withdrawn_share,
            is_end=withdraw_all,
            is_dry=dry_run,
        )
    report({"is_dry_run": dry_run, **proposal.facts()}, as_json=as_json)
