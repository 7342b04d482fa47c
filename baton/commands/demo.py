"""`baton demo`."""

import click

from baton import demo as the_demo
from baton.commands.output import console, err, json_option, print_json
from baton.project import Project


@click.command()
@click.option("--fresh", is_flag=True, help="Start over: remove the demo's stores and inbox first.")
@click.option("--if-missing", is_flag=True, help="Do nothing when the demo has been run.")
@json_option
def demo(fresh: bool, if_missing: bool, as_json: bool) -> None:
    """Run the main job on the example: history, then the last hours batch by batch."""
    project = Project.find()
    if if_missing and project.warehouse.exists():
        return
    facts = the_demo.run(project, fresh=fresh, console=err)
    if as_json:
        print_json(facts)
    else:
        the_demo.print_summary(facts, console)
