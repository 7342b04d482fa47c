"""`baton tidy`."""

import click

from baton.commands.output import err, json_option, report
from baton.dbt_runner import DbtProject
from baton.histories import tidy as tidy_histories
from baton.project import Project
from baton.warehouse import writer


@click.command()
@json_option
def tidy(as_json: bool) -> None:
    """Sort the histories by person, so that batches read little of them; no row changes."""
    project = Project.find()
    with err.status("tidying") as status, writer(project.warehouse) as con:
        rows = tidy_histories(con, DbtProject(project), status.update)
    report({"rows": rows}, as_json=as_json)
