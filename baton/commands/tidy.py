"""`baton tidy`."""

import click

from baton.commands.output import err, json_option, report
from baton.dbt_runner import DbtProject
from baton.histories import tidy as tidy_histories
from baton.intake import sources_from_manifest
from baton.journal import Journal
from baton.project import Project
from baton.retention import Retention
from baton.retention import tidy as tidy_old
from baton.warehouse import writer


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option(
    "--sort/--no-sort", default=True, show_default=True, help="Sort the histories by person."
)
@json_option
def tidy(*, dry_run: bool, sort: bool, as_json: bool) -> None:
    """Remove what is older than retention.yml says, and sort the histories by person.

    What promises need stays; what goes is counted in raw.tidyings. Sorting changes no row, and lets
    batches read little of long histories. A continuous run makes room meanwhile.
    """
    project = Project.find()
    policy, dbt = Retention.load(project.root), DbtProject(project)
    with err.status("tidying") as status:
        with Journal.open(project.journal) as journal:
            removed = tidy_old(
                project,
                journal,
                policy,
                now=journal.now(),
                sources=lambda: sources_from_manifest(dbt.source_nodes),
                is_dry=dry_run,
                progress=status.update,
            )
        facts: dict[str, object] = {"would_remove" if dry_run else "removed": removed}
        if sort and not dry_run:
            with writer(project.warehouse) as con:
                facts["rows"] = tidy_histories(con, dbt, status.update)
    report(facts, as_json=as_json)
